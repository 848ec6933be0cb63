import type { QueryRunner } from 'typeorm';

/** A column of rows that are written all at once. */
export interface BulkColumn {
  name: string;
  type: 'text' | 'bigint' | 'int' | 'binary';
  /** Most characters of a text; undefined for any number. */
  length: number | undefined;
}

export interface BulkTable {
  schema: string;
  name: string;
}

/** What takes entries of other databases into the log of a server. */
export interface ServerImportSql {
  readonly entryTable: BulkTable;
  /** `importColumns` and the codec. */
  readonly entryColumns: readonly BulkColumn[];
  /** What the roll-ups have still to count. */
  readonly uncountedTable: BulkTable;
  readonly uncountedColumns: readonly BulkColumn[];
  readonly contextTable: BulkTable;
  /** Columns of `audit_context`: its id, an id of a transaction, those of `PortableContext`, and the server's number of the transaction. */
  readonly contextColumns: readonly BulkColumn[];
  /** Those of some ids of contexts that are there. Parameter: a JSON list of them. */
  readonly selectContextIds: string;
  /** Next numbers of entries, a row each. Parameter: a JSON list of so many. */
  readonly selectNumbers: string;
  readonly selectHighestId: string;
  /** Bytes that the files of the database take, and that their disk has left; the second needs a right. */
  readonly selectSize: string;
  readonly selectFree: string;
  readonly selectCollation: string;
  /** Milliseconds since 1970 on the server's clock. */
  readonly selectNow: string;
  /** Keeps writers away from the log until the transaction ends; fails where one is at work and does not end soon. */
  readonly lockLog: string;
  /** The next number that an entry is given. */
  restartNumbers(next: number): string;
}

/** Writes rows all at once, in the transaction of a query runner; no trigger fires. */
export type BulkInsert = (
  queryRunner: QueryRunner,
  table: BulkTable,
  columns: readonly BulkColumn[],
  rows: readonly (readonly unknown[])[],
) => Promise<void>;

/** Loads rows into a temporary table, in the transaction of a query runner, and runs batches that take them from there. */
export type StagedInsert = (
  queryRunner: QueryRunner,
  columns: readonly BulkColumn[],
  rows: readonly (readonly unknown[])[],
  batches: readonly string[],
) => Promise<void>;
