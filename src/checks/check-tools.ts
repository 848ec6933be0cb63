import type { DataSource } from 'typeorm';
import type { KeyedTable } from '../dialect/check-sql';
import type { Engine } from '../dialect/engine';
import type { RecordedNames } from '../model/recorded-names';
import type { StoredValue } from '../model/stored-value';
import type { TableMap } from '../model/table-map';
import type { QuarantinedRecord } from '../reports';
import type { NewEntry } from '../store/entry-writer';
import type { RowChunk } from '../store/live-rows';
import type { MetaStore } from '../store/meta-store';
import type { ImageSource } from '../store/trail-images';
import type { Finding } from './compare-row';
import type { FindingChunk } from './findings';

/** What the checks ask of a database, in whichever way its trail is written. */
export interface CheckTools {
  dataSource: DataSource;
  meta: MetaStore;
  names: RecordedNames;
  shapes: TableShapes;
  rows: RowSource;
  images: ImageSource;
  /** Entries of the log that are in another database are asked for there. */
  knowsDelivered: boolean;
  /** Entries of these in the trail, for the progress. */
  countEntries(entities: readonly string[]): Promise<number>;
  turns: CheckTurns;
  /** Rows of one turn at most, however many are asked for. */
  mostRows?: number;
  /** The oldest records of which no entry could be made. */
  quarantined(limit: number): Promise<QuarantinedRecord[]>;
}

/** The captured tables as they are now. */
export interface TableShapes {
  /** What the entities say is captured, one of each table; empty where there are no entities. */
  readonly planned: readonly Pick<TableMap, 'table' | 'entity' | 'discriminator'>[];
  /** Changes when a table may have got another shape; undefined where that is to be looked at each time. */
  version(engine: Engine): string | undefined;
  /** Number of a map under which something is recorded; undefined where there can be none. */
  idOf(engine: Engine, map: TableMap): number | undefined;
  /** A table, or why it can't be looked at. @param stored the last map it was recorded under */
  look(engine: Engine, table: string, stored: TableMap | undefined): TableLook | { reason: string };
}

export interface TableLook extends Pick<KeyedTable, 'live'> {
  /** Names of all its columns. */
  columns: readonly string[];
  map: TableMap;
  /** Names of the columns of its primary key, in the order of the index. */
  index: readonly string[];
}

/** Reads the rows of a table as stored, in the order of their key. */
export interface RowSource {
  count(engine: Engine, table: string): number;
  /** At most `maxRows` behind a key, and beyond the first row about `maxBytes` of values. */
  read(
    engine: Engine,
    table: KeyedTable,
    after: readonly StoredValue[] | undefined,
    maxRows: number,
    maxBytes: number,
  ): RowChunk;
  /** For each key whether there is a row that has it to the letter. */
  present(engine: Engine, table: KeyedTable, keys: readonly (readonly StoredValue[])[]): boolean[];
}

/** The moments in which tables and trail are compared. */
export interface CheckTurns {
  /** Before the first of them. @throws TransactionHeldError inside a transaction */
  begin(): Promise<void>;
  take<T>(fn: (engine: Engine) => T): Promise<T>;
  /**
   * A look at a part of a table, whose findings are no change that is underway, or was when it was looked at.
   * @param entriesOf how the findings are recorded, in the transaction that is sure of them
   */
  examine<Chunk extends FindingChunk<unknown>>(
    look: (engine: Engine) => Chunk | undefined,
    entriesOf: ((findings: readonly Finding[]) => NewEntry[]) | undefined,
  ): Promise<Chunk | undefined>;
}
