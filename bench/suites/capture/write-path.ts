import type { DataSource } from 'typeorm';

/** A way to write through TypeORM, and how much of it is done in one round. */
export interface WritePath {
  name: string;
  /** Rows that one operation changes. */
  rows: number;
  /** Whether TypeORM puts a transaction around one operation. */
  transaction: boolean;
  /** Operations of a round, so many that it takes some 50 to 100 ms of CPU. */
  operations: number;
  /** What operations need, made before the clock starts: a value for each. `first` is a number not used before. */
  prepare(dataSource: DataSource, first: number, count: number): Promise<unknown[]>;
  operation(dataSource: DataSource, input: never): Promise<unknown>;
}

/** With the type of the inputs checked; the list of paths does not need to know it. */
export function path<Input>(
  definition: Omit<WritePath, 'prepare' | 'operation'> & {
    prepare(dataSource: DataSource, first: number, count: number): Promise<Input[]> | Input[];
    operation(dataSource: DataSource, input: Input): Promise<unknown>;
  },
): WritePath {
  return { ...definition, prepare: async (...args) => definition.prepare(...args) };
}

/** Rows in each table when a round starts. */
export const seeded = { invoices: 2000, labels: 3 };
