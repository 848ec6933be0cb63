import type { QueryRunner } from 'typeorm';

/** `work` in a transaction of its own on a new query runner, which is released whatever comes of it. */
export async function ownTransaction<T>(runner: QueryRunner, work: (runner: QueryRunner) => Promise<T>): Promise<T> {
  try {
    await runner.startTransaction();
    try {
      const result = await work(runner);
      await runner.commitTransaction();
      return result;
    } catch (error) {
      // Some errors have rolled it back, or ended the connection: what counts is the first of them.
      await runner.rollbackTransaction().catch(() => undefined);
      throw error;
    }
  } finally {
    await runner.release();
  }
}
