import type { MappedColumn } from '../model/table-map';
import type { Statement } from './revert-sql';
import type { LiveServerColumn } from './server-capture';

/** A table whose rows are read in the order of their key. */
export interface KeyedTable {
  table: string;
  /** What is read of a row; of a redacted column only a constant is, never the value. */
  columns: readonly MappedColumn[];
  /** Names of the key's columns, in the order of its index. */
  key: readonly string[];
  /** Its columns with their types, where a database has them. */
  live?: readonly LiveServerColumn[];
}

/** Ids of logs that came from elsewhere, whose entries alone are asked for; by default all entries are. */
export type OtherLogs = readonly string[];

/** The SQL that asks the trail about the rows of a table. */
export interface TrailCheckSql {
  /** Ids of one statement at most. */
  readonly mostIds: number;
  /**
   * For each id its last entry with an image: id, entity, image after, column map, number, form of the image; and log and
   * number in it of an entry that was made in another log, else null.
   */
  selectLast(ids: readonly string[], entities: readonly string[], logs?: OtherLogs): Statement;
  /** Places of those ids that a row has left for another key in a later entry than the one beside the id. */
  selectLeft(
    ids: readonly (readonly [id: string, entry: number])[],
    entities: readonly string[],
    logs?: OtherLogs,
  ): Statement;
  /** Ids of an entity in the trail, in their order, with their number of entries. */
  selectIds(entity: string, after: string | undefined, limit: number, logs?: OtherLogs): Statement;
  countEntries(entities: readonly string[], logs?: OtherLogs): Statement;
}

/** The SQL that compares tables with the trail on a connection that answers at once. */
export interface CheckSql extends TrailCheckSql {
  /** Names of the columns of the primary key, in its own order. */
  listKey(table: string): string;
  countRows(table: string): string;
  /** Rows in the order of their key. Parameters: the key after which to begin, unless from the start, and a limit. */
  selectRows(table: KeyedTable, fromStart: boolean): string;
  /** Key of the row that has it; parameters: the key. */
  selectKey(table: KeyedTable): string;
  /** Bytes of one value; parameters: the key. */
  selectBytes(table: KeyedTable, column: string): string;
  /** 1 where one of these entities has an entry; parameters: their names. */
  hasEntries(entities: number): string;
  newestEntry: string;
  /** Of a JSON list of ids those that have an entry with an image; parameters: the list, names of entities. */
  selectKnown(entities: number): string;
}
