import type { EntityManager } from 'typeorm';

/** What an operation works with. It touches only rows of its owner, and writes its token where it names the columns. */
export interface Call {
  manager: EntityManager;
  owner: number;
  /** Key of the row it works on, and of another one. */
  id: number;
  otherId: number;
  value: number;
  token: string;
  /** Inside a transaction: raw savepoints stand nowhere else. */
  isInTransaction: boolean;
  /** A business event, where there is a trail. */
  record(name: string): Promise<void>;
}

/**
 * Makes at most one writing transaction when it stands alone. What it returns must not depend on other flows: it is
 * compared with what a DataSource without the library returns.
 */
export type Operation = (call: Call) => Promise<unknown>;

/** The count that TypeORM reports, undefined where it has none. */
export async function affected(result: Promise<{ affected?: number | null }>): Promise<number | null | undefined> {
  return (await result).affected;
}

/** Done, with nothing to compare. */
export async function done(work: Promise<unknown>): Promise<void> {
  await work;
}
