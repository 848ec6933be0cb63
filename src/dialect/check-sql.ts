import type { MappedColumn } from '../model/table-map';

/** A table whose rows are read in the order of their key. */
export interface KeyedTable {
  table: string;
  /** What is read of a row; of a redacted column only a constant is, never the value. */
  columns: readonly MappedColumn[];
  /** Names of the key's columns, in the order of its index. */
  key: readonly string[];
}

/** The SQL that compares tables with the trail. Parameters are positional. */
export interface CheckSql {
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
  /** For each id its last such entry: id, entity, image after, column map and number; parameters as above. */
  selectLast(entities: number): string;
  /** Ids of an entity in the trail with their number of entries. Parameters: name, id after which to begin, limit. */
  selectIds(fromStart: boolean): string;
  countEntries(entities: number): string;
}
