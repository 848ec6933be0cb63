import type { PlannedColumn } from '../model/planned-table';
import type { StoredValue } from '../model/stored-value';
import type { Engine } from './engine';
import type { Statement } from './revert-sql';
import type { LiveServerColumn } from './server-capture';
import type { BulkColumn } from './server-import';

/** A foreign key between two tables. */
export interface Reference {
  table: string;
  /** The table that it refers to. */
  to: string;
  /** Where the database has one for it. */
  name?: string;
}

/** A row behind another: its key, or, of a table without one, how many rows are before it. */
export type RowPlace = { key: readonly StoredValue[] } | { row: number };

/** Rows of the application's tables on a connection that answers at once, taken out of one database or into another. */
export interface TableSql {
  references(engine: Engine): Reference[];
  /** What orders the rows of a table, and names each of them. @param columns of the table */
  rowKey(engine: Engine, table: string, columns: readonly string[]): string[];
  insertRow(table: string, columns: readonly string[], row: readonly StoredValue[]): Statement;
  /** The application's triggers of a table: what takes each of them away, and what makes it again. */
  triggers(engine: Engine, table: string): { drop: string; create: string }[];
  /** Whether rows may refer to others that are not there; of this connection alone, and outside of transactions. */
  allowStrayReferences(engine: Engine, areAllowed: boolean): void;
  /** Tables with rows that refer to others which are not there. */
  strayReferences(engine: Engine): string[];
  /** The number that the next row would get; undefined where the table gives none. */
  nextNumber(engine: Engine, table: string): bigint | undefined;
  numberFrom(engine: Engine, table: string, next: bigint): void;
}

/** A table on a server, with the columns that are read or written. */
export interface ServerRows {
  table: string;
  columns: readonly LiveServerColumn[];
  /** Columns of its primary key, in the order of that; none where it has no key. */
  key: readonly LiveServerColumn[];
}

/** What keeps rows from being written as they are, taken back in the transaction that writes them. */
export interface Hindrances {
  /** Names of triggers that are in force. */
  triggers: readonly string[];
  /** Foreign keys that no order of the tables holds. */
  references: readonly Reference[];
}

/** The same on a server. */
export interface ServerTableSql {
  /** Rows of `Reference`: the foreign keys that are in force. */
  readonly selectReferences: string;
  countRows(table: string): string;
  selectRows(rows: ServerRows, after: RowPlace | undefined, maxRows: number, maxBytes: number): Statement;
  toStored(rows: ServerRows, row: readonly unknown[]): StoredValue[];
  /** Rows of a table are loaded into another one first, a temporary one, as values of these types. */
  staged(rows: ServerRows): BulkColumn[];
  toStaged(rows: ServerRows, row: readonly StoredValue[]): unknown[];
  /** Rows of `{ name }`: the triggers of a table that are in force. */
  selectTriggers(table: string): string;
  /** The batches that take the rows over from there. */
  takeStaged(rows: ServerRows, hindrances: Hindrances): string[];
  /** Checks a foreign key for every row, and has it trusted from then on; a row where one does not fulfil it. */
  enforce(reference: Reference): string;
  /** One row of whole numbers as texts: `seed`, `increment`, `last` (null before the first row); none without an identity. */
  selectNumber(table: string): string;
  /** The number that counts as the last one; or, while the table never had a row, the first one. */
  restartNumber(table: string, number: bigint): string;
  /**
   * Whether entries here call a row as those of a database do that takes any value, which has this one in its key;
   * undefined where they always do.
   */
  namedAlike(column: LiveServerColumn): ((stored: StoredValue) => boolean) | undefined;
  /** What a column takes. */
  planned(column: LiveServerColumn): PlannedColumn;
  /** A value of any database as a column here says it: the form in which two databases are compared. */
  normal(column: LiveServerColumn, value: StoredValue): StoredValue;
  /** A value in normal form as a database that takes any value has it. */
  plain(column: LiveServerColumn, value: StoredValue): StoredValue;
}
