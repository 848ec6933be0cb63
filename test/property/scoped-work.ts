import type { EntityManager, QueryRunner } from 'typeorm';
import { codeOf, isExplained, ScopeFailed } from './failures';
import { Scope } from './journal';
import type { Stage } from './stage';

/** Where in a flow a step stands. */
export interface Place {
  /** Number of the unit, where that has a context of its own. */
  unit: number | undefined;
  manager: EntityManager;
  /** The hand-started query runner of the transaction. */
  runner?: QueryRunner;
  /** Nobody awaits it. */
  isFloating?: boolean;
  /** Undefined where a step stands alone. */
  scope: Scope | undefined;
}

/** What a scope is made for; throws where the scope is to be rolled back. */
export type Work = (place: Place) => Promise<void>;

/** Under a function: the manager's own way. */
export function inTransaction(place: Place, work: Work): Promise<void> {
  const scope = new Scope(place.scope);
  return ending(scope, () => place.manager.transaction((manager) => work({ ...place, manager, scope })));
}

/** By a query runner, through TypeORM's methods or in raw SQL. */
export async function inHandStarted(
  { dataSource }: Stage,
  { isRaw, unit, settled }: { isRaw: boolean; unit: number | undefined; settled: () => Promise<unknown> },
  work: Work,
): Promise<void> {
  const runner = dataSource.createQueryRunner();
  const scope = new Scope(undefined);
  try {
    await (isRaw ? runner.query('BEGIN') : runner.startTransaction());
    await ending(scope, async () => {
      try {
        await work({ unit, manager: runner.manager, runner, scope });
        await (isRaw ? runner.query('COMMIT') : runner.commitTransaction());
      } catch (error) {
        // A COMMIT that failed because the transaction was lost has ended it.
        const rollback = isRaw ? runner.query('ROLLBACK') : runner.rollbackTransaction();
        await (scope.isAtRisk ? rollback.catch(() => undefined) : rollback);
        throw error;
      }
    });
  } finally {
    // Whoever still uses it would find it released.
    await settled();
    await runner.release();
  }
}

/** A savepoint in raw SQL. It has no turns: what ran beside it would be released, or undone, with it. */
export async function inRawSavepoint(place: Place, { isServer }: Stage, work: Work): Promise<void> {
  const scope = new Scope(place.scope);
  await place.manager.query(isServer ? 'SAVE TRANSACTION raw' : 'SAVEPOINT raw');
  await ending(scope, async () => {
    try {
      await work({ ...place, scope });
    } catch (error) {
      await place.manager.query(isServer ? 'ROLLBACK TRANSACTION raw' : 'ROLLBACK TO raw');
      throw error;
    } finally {
      if (!isServer) await place.manager.query('RELEASE raw');
    }
  });
}

/** A savepoint by starting the query runner's transaction once more. */
export async function inStartedAgain(place: Place, runner: QueryRunner, work: Work): Promise<void> {
  const scope = new Scope(place.scope);
  await runner.startTransaction();
  await ending(scope, async () => {
    try {
      await work({ ...place, scope });
      await runner.commitTransaction();
    } catch (error) {
      await runner.rollbackTransaction();
      throw error;
    }
  });
}

async function ending(scope: Scope, work: () => Promise<void>): Promise<void> {
  try {
    await work();
    scope.end('committed');
  } catch (error) {
    scope.end('rolled back');
    // Only what the database did by itself explains that a transaction can't be ended.
    const isLost = scope.root.isAtRisk;
    throw isExplained(codeOf(error), { isLost, isFloating: false, isStranger: false }) && isLost
      ? new ScopeFailed()
      : error;
  }
}
