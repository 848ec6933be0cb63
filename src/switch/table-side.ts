import type { LiveColumn } from '../dialect/revert-sql';
import type { Reference, RowPlace } from '../dialect/table-sql';
import type { PlannedColumn } from '../model/planned-table';
import type { StoredValue } from '../model/stored-value';
import type { Note } from './note';

/** A table of one database. */
export interface SideTable {
  /** Its path. */
  table: string;
  /** All of its columns. */
  live: readonly LiveColumn[];
  /** Those that move, in the same order on both sides. */
  columns: readonly LiveColumn[];
}

/** A row with its place, behind which reading goes on. */
export interface PlacedRow {
  values: StoredValue[];
  place: RowPlace;
}

/** What two databases of different kinds have in common for the values of a column. */
export interface ColumnForm {
  /** In which a value of either database is compared. */
  normal(value: StoredValue): StoredValue;
  /** A value in normal form as the database that takes any value has it. */
  plain(value: StoredValue): StoredValue;
  /** That database can't hold all values of this column exactly. */
  isWider: boolean;
  /**
   * Whether entries of both databases call a row the same that has a value, as the one has it that takes any, in its key;
   * undefined where they always do.
   */
  isNamedAlike: ((plain: StoredValue) => boolean) | undefined;
}

/** The application's tables in one database of a switch. */
export interface TableSide {
  /** Says of a column of its own what another kind of database must know; undefined where it takes any value. */
  readonly formOf: ((column: LiveColumn) => ColumnForm) | undefined;
  /** What a column of its own takes; undefined where that is any value. */
  readonly plannedOf: ((column: LiveColumn) => PlannedColumn) | undefined;
  /** None where there is no such table. */
  columns(table: string): Promise<LiveColumn[]>;
  /** Foreign keys that are in force. */
  references(): Promise<Reference[]>;
  count(table: string): Promise<number>;
  /** Some rows in the order of their key, none behind the last one. */
  read(table: SideTable, after: RowPlace | undefined): Promise<PlacedRow[]>;
  /**
   * Writes rows and notes, all of it or nothing. No trigger fires.
   * @param unchecked foreign keys of the table that rows may not fulfil yet
   */
  write(
    table: SideTable,
    rows: readonly (readonly StoredValue[])[],
    unchecked: readonly Reference[],
    notes: readonly Note[],
  ): Promise<void>;
  /** Before rows are written, for as long as this side is open. */
  beginTables(): Promise<void>;
  /** Has all rows checked for these foreign keys. @throws SwitchDiffersError where some refer to rows that are not there */
  endTables(unchecked: readonly Reference[]): Promise<void>;
  /** Tables with rows that refer to others which are not there. */
  stray(): Promise<string[]>;
  /** The number that the next row would get; undefined where the table gives none. */
  nextNumber(table: string): Promise<bigint | undefined>;
  numberFrom(table: string, next: bigint): Promise<void>;
}

/** Rows that are read and written at a time, at most. */
export const tableBlock = { rows: 2000, bytes: 4_000_000 };
