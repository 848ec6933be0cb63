import type { StoredValue } from '../model/stored-value';

/** A statement and the values of its parameters, which are positional. */
export interface Statement {
  sql: string;
  parameters: readonly unknown[];
}

/** A column of a table as it is now. */
export interface LiveColumn {
  name: string;
  /** 1 where the database computes it. */
  isGenerated: number;
  /** 1 where a row can't be inserted without a value for it. */
  isRequired: number;
  /** 1 where no update changes it. */
  isFixed?: number;
  /** 1 where images don't say its values in full. */
  isInexact?: number;
}

/** A table with its columns as they are now. */
export interface LiveTable<Column extends LiveColumn = LiveColumn> {
  name: string;
  columns: readonly Column[];
}

/** A column by name with a value as stored. */
export interface StoredColumn {
  name: string;
  value: StoredValue;
}

/** The SQL that puts a row back. */
export interface RevertSql<Column extends LiveColumn = LiveColumn> {
  /** Rows of `LiveColumn`, in the order of the table. */
  listColumns(table: string): Statement;
  /** Values of some columns of the row that has the key; at most two rows: a key must be one row's alone. */
  selectRow(table: LiveTable<Column>, columns: readonly string[], key: readonly StoredColumn[]): Statement;
  /** The values in such a row. */
  toStored(table: LiveTable<Column>, columns: readonly string[], row: readonly unknown[]): StoredValue[];
  insertRow(table: LiveTable<Column>, values: readonly StoredColumn[]): Statement;
  updateRow(table: LiveTable<Column>, values: readonly StoredColumn[], key: readonly StoredColumn[]): Statement;
  deleteRow(table: LiveTable<Column>, key: readonly StoredColumn[]): Statement;
}
