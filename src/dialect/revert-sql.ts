/** A column of a table as it is now. */
export interface LiveColumn {
  name: string;
  /** 1 where the database computes it. */
  isGenerated: number;
  /** 1 where a row can't be inserted without a value for it. */
  isRequired: number;
}

/** A column with a value to be bound. */
export interface BoundColumn {
  name: string;
  /** The value is bytes that are to be stored as TEXT. */
  isTextBytes: boolean;
}

/** The SQL that puts a row back. Parameters are positional: the values, then the key. */
export interface RevertSql {
  listColumns(table: string): string;
  /** For each column its storage class and its value, TEXT as its bytes. At most two rows: a key must be one row's alone. */
  selectRow(table: string, columns: readonly string[], key: readonly BoundColumn[]): string;
  insertRow(table: string, values: readonly BoundColumn[]): string;
  updateRow(table: string, values: readonly BoundColumn[], key: readonly BoundColumn[]): string;
  deleteRow(table: string, key: readonly BoundColumn[]): string;
}
