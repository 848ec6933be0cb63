import type { RowNames } from '../model/row-names';
import type { StoredValue } from '../model/stored-value';
import type { TableMap } from '../model/table-map';
import type { KeyedTable, TrailCheckSql } from './check-sql';
import type { LiveServerColumn } from './server-capture';
import type { Statement } from './revert-sql';

/** A table on a server, whose columns have types. */
export type TypedTable = KeyedTable & { live: readonly LiveServerColumn[] };

/** The same with what entries say of its rows. */
export type BaselineTable = TypedTable & { map: TableMap; mapId: number; names: RowNames };

/** What the entries of a transaction of the library's own have in common. */
export interface OwnTransaction {
  transactionId: string;
  /** Of the row of `audit_context` that is written with them; null without a context. */
  contextId: string | null;
  actor: string | null;
  reason: string | null;
  correlationId: string | null;
  source: string | null;
  metadata: string | null;
}

/** An entry as `writeEntries` takes it, images and names of fields as JSON text. */
export interface ListedEntry {
  entity: string;
  table: string;
  id: string | null;
  operation: string;
  before: string | null;
  after: string | null;
  fields: string;
  map: number;
}

/** The SQL that compares tables on a server with the trail, and writes what is missing in it. */
export interface ServerCheckSql extends TrailCheckSql {
  countRows(table: string): string;
  /** Whether rows of a table may be so large that they are weighed before they are read. */
  isWeighed(table: TypedTable): boolean;
  /** Texts of the columns of rows behind a key, in its order, as many as weigh so many bytes. */
  selectRows(
    table: TypedTable,
    after: readonly StoredValue[] | undefined,
    maxRows: number,
    maxBytes: number,
  ): Statement;
  /** The values in such a row. */
  toStored(table: TypedTable, row: readonly unknown[]): StoredValue[];
  /** Keys of one statement at most. */
  mostKeys(table: TypedTable): number;
  /**
   * The place of each key that finds a row, and the texts of the key of that row.
   * @param rows all of them, which waits for those that are locked, or those that are free
   */
  selectKeys(table: TypedTable, keys: readonly (readonly StoredValue[])[], rows: 'all' | 'free'): Statement;
  /** The values of the key in such a row. */
  toKey(table: TypedTable, row: readonly unknown[]): StoredValue[];
  /** Until the transaction ends nobody else changes these rows, or makes one where there is none. */
  lockKeys(table: TypedTable, keys: readonly (readonly StoredValue[])[]): Statement;
  /** Entries of one statement at most. */
  readonly mostEntries: number;
  /** Writes the context of a transaction, where it has one. */
  writeContext(transaction: OwnTransaction): Statement;
  writeEntries(entries: readonly ListedEntry[], transaction: OwnTransaction): Statement;
  /**
   * Writes a `baseline` entry for each row behind a key that has none, and keeps these rows from being changed until the
   * transaction ends. One row: `looked`, `recorded`, and from k0 on the texts of the last key.
   */
  recordChunk(
    table: BaselineTable,
    after: readonly StoredValue[] | undefined,
    limits: { rows: number; bytes: number },
    transaction: OwnTransaction,
  ): Statement;
  /** Number and `entity_id` of the entries of a transaction, in it. Parameter: its id. */
  readonly selectOwn: string;
  /** Notes that every row of a table was in the trail once. */
  noteBaseline(table: string): Statement;
}
