import type { StatementKind } from './statement-kind';

/** What one statement gave. `rows` is undefined for a statement that returns none. */
export interface StatementResult {
  rows: unknown[] | undefined;
  /** Rows changed by the statement itself, not by triggers or cascades. */
  changes: number;
  /** Undefined for a statement of the application where its driver says none. */
  lastInsertId: number | bigint | undefined;
}

export interface ClassifiedStatement {
  kind: StatementKind;
  /** The statement deletes rows to make room for others. */
  replaces: boolean;
  /** The statement asks how many rows the one before it changed. */
  readsCounts: boolean;
}

/** One connection whose statements run at once, in the calling thread. */
export interface Engine {
  readonly isOpen: boolean;
  /** The database's own transaction state, not what anybody believes. */
  readonly inTransaction: boolean;
  readonly isInMemory: boolean;
  classify(sql: string): ClassifiedStatement;
  execute(sql: string, parameters?: readonly unknown[]): StatementResult;
  /**
   * Where answers come later: asks in one go with what is asked next, and before it. To be called for the answer behind that.
   */
  executeAhead?(sql: string, parameters?: readonly unknown[]): () => StatementResult;
  /** A statement of the application: its values are bound, and its answer is, as the driver has it without this library. */
  run(sql: string, parameters: readonly unknown[]): StatementResult;
  /**
   * Runs a statement for each list of values, which are bound as they are.
   * @returns id of the last row, 0 without one
   */
  executeEach(sql: string, rows: readonly (readonly unknown[])[]): number;
  /**
   * Rows as arrays, with every INTEGER as bigint, so that the storage class can be told and nothing is rounded.
   * Reading ends after the row for which `goOn` says false.
   */
  selectStored(sql: string, parameters: readonly unknown[], goOn: (row: unknown[]) => boolean): unknown[][];
  /** First column of the first row, undefined without a row. */
  scalar(sql: string, parameters?: readonly unknown[]): unknown;
  pragma(text: string): unknown;
  /** Another connection holds the lock; nothing was done, and the same statement can be run again. */
  isBusy(error: unknown): boolean;
}
