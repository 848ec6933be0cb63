import type { Engine } from '../dialect/engine';
import type { StoreSql } from '../dialect/store-sql';
import type { MetaStore } from './meta-store';
import { type Countable, rollUp } from './rollup';

/** Takes entries that another database has out of a log, with their share of the roll-ups, in the caller's transaction. */
export class DeliveredEntries {
  constructor(
    private readonly sql: StoreSql,
    private readonly meta: MetaStore,
  ) {}

  /** Those that are no longer there, because another process has removed them, are left aside. */
  remove(engine: Engine, ids: readonly number[]): void {
    const { rows } = engine.execute(this.sql.removeEntries, [JSON.stringify(ids)]);
    const gone = (rows as (Omit<Countable, 'entries'> & { logId: string | null })[]).map((row) => ({
      ...row,
      entries: 1,
    }));
    for (const logId of new Set(gone.map((entry) => entry.logId))) this.meta.noteDelivered(engine, logId ?? undefined);
    for (const [period, bucket, entity, operation, actor, entries] of rollUp(gone, 0)) {
      const key = [period, bucket, entity, operation, actor];
      engine.execute(this.sql.subtractRollup, [entries, ...key]);
      engine.execute(this.sql.removeEmptyRollup, key);
    }
    engine.execute(this.sql.removeUnusedContexts);
  }
}
