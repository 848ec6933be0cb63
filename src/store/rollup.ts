import type { Engine } from '../dialect/engine';
import type { StoreSql } from '../dialect/store-sql';
import type { Operation } from '../model/entry';
import type { Count } from '../reports';

interface Countable {
  entity: string;
  operation: string;
  actor: string | null;
  recordedAt: number;
  /** How many there are of this kind; 1 unless given. */
  entries?: number;
}

/** `2026-11-21T07`, UTC. */
export function hourBucket(at: number): string {
  return new Date(at).toISOString().slice(0, 13);
}

/** `2026-11-21`, UTC. */
export function dayBucket(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}

/** What entries add to `audit_rollup`: by hour, by day, by day and actor, and in total. Rows in the table's column order. */
export function rollUp(entries: readonly Countable[]): unknown[][] {
  const counts = new Map<string, number>();
  for (const { entity, operation, actor, recordedAt, entries: count } of alike(entries)) {
    for (const key of [
      ['hour', hourBucket(recordedAt), entity, operation, ''],
      ['day', dayBucket(recordedAt), entity, operation, ''],
      ...(actor === null ? [] : [['actor', dayBucket(recordedAt), '', '', actor]]),
      ['total', '', entity, operation, ''],
    ]) {
      const text = JSON.stringify(key);
      counts.set(text, (counts.get(text) ?? 0) + count);
    }
  }
  return [...counts].map(([key, count]) => [...(JSON.parse(key) as string[]), count]);
}

/** A batch is mostly of one hour and a few kinds: those are counted first, so that the rest is done once for each. */
function alike(entries: readonly Countable[]): Required<Countable>[] {
  const kinds = new Map<string, Required<Countable>>();
  for (const entry of entries) {
    const hour = Math.floor(entry.recordedAt / hourMs);
    const key = `${hour}\n${entry.operation}\n${entry.actor === null ? 0 : 1}\n${entry.actor}\n${entry.entity}`;
    const kind = kinds.get(key);
    if (kind) kind.entries += entry.entries ?? 1;
    else kinds.set(key, { ...entry, entries: entry.entries ?? 1 });
  }
  return [...kinds.values()];
}

const hourMs = 3_600_000;

interface RollupRow {
  bucket: string;
  entity: string;
  operation: Operation;
  actor: string;
  entries: number;
}

export interface Totals {
  entries: number;
  byOperation: Partial<Record<Operation, number>>;
  byEntity: Count[];
}

/** Reads the roll-ups; the log itself is never counted. */
export class RollupReader {
  constructor(private readonly sql: StoreSql) {}

  totals(engine: Engine): Totals {
    const totals: Totals = { entries: 0, byOperation: {}, byEntity: [] };
    const byEntity = new Map<string, number>();
    for (const { entity, operation, entries } of this.select(engine, `period = 'total'`, [])) {
      totals.entries += entries;
      totals.byOperation[operation] = (totals.byOperation[operation] ?? 0) + entries;
      byEntity.set(entity, (byEntity.get(entity) ?? 0) + entries);
    }
    totals.byEntity = highest(byEntity);
    return totals;
  }

  actorsSince(engine: Engine, day: string): Count[] {
    const byActor = new Map<string, number>();
    for (const { actor, entries } of this.select(engine, `period = 'actor' AND bucket >= ?`, [day])) {
      byActor.set(actor, (byActor.get(actor) ?? 0) + entries);
    }
    return highest(byActor);
  }

  /** Counts by bucket, from `from` on. */
  buckets(engine: Engine, period: 'hour' | 'day', from: string): Map<string, number> {
    const counts = new Map<string, number>();
    for (const { bucket, entries } of this.select(engine, `period = ? AND bucket >= ?`, [period, from])) {
      counts.set(bucket, (counts.get(bucket) ?? 0) + entries);
    }
    return counts;
  }

  private select(engine: Engine, where: string, values: readonly unknown[]): RollupRow[] {
    return engine.execute(this.sql.selectRollups(where), values).rows as RollupRow[];
  }
}

function highest(counts: Map<string, number>): Count[] {
  return [...counts]
    .map(([name, count]) => ({ name, count }))
    .sort((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1));
}
