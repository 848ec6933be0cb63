import type { Engine } from '../dialect/engine';
import type { ReadSql } from '../dialect/store-sql';
import type { Operation } from '../model/entry';
import type { RecordedNames } from '../model/recorded-names';
import type { Count } from '../reports';

/** Entries that are alike, as the roll-ups see them. */
export interface Countable {
  entity: string;
  operation: string;
  actor: string | null;
  recordedAt: number;
  entries: number;
  /** Place of the first of them in the log, where it does not follow on those before. */
  id?: number;
}

/** `2026-11-21T07`, UTC. */
export function hourBucket(at: number): string {
  return new Date(at).toISOString().slice(0, 13);
}

/** `2026-11-21T07:35`, UTC. */
export function minuteBucket(at: number): string {
  return new Date(at).toISOString().slice(0, 16);
}

/** `2026-11-21`, UTC. */
export function dayBucket(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}

/** `2026-11`, UTC, or a later month. */
export function monthBucket(at: number, later = 0): string {
  const date = new Date(at);
  return new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + later)).toISOString().slice(0, 7);
}

/**
 * What entries add to `audit_rollup`: by hour, by day, by actor for a month and the one before, and in total; and how many there are in every
 * minute and hour, with their ids. Rows in the table's column order.
 * @param firstId that of the first entry; the others follow in their order, without a gap
 */
export function rollUp(entries: readonly Countable[], firstId: number): unknown[][] {
  const rows = new Map<string, { key: readonly string[]; entries: number }>();
  const add = (
    count: number,
    ...key: [period: string, bucket: string, entity: string, operation: string, actor: string]
  ) => {
    // No two keys give one text: the actor is empty, or all before it is, and no operation has a line break.
    const text = key.join('\n');
    const row = rows.get(text);
    if (row) row.entries += count;
    else rows.set(text, { key, entries: count });
  };
  let months: string[] = [];
  for (const { entity, operation, actor, recordedAt, entries: count } of alike(entries)) {
    const instant = new Date(recordedAt).toISOString();
    add(count, 'hour', instant.slice(0, 13), entity, operation, '');
    add(count, 'day', instant.slice(0, 10), entity, operation, '');
    if (actor !== null) {
      const month = instant.slice(0, 7);
      if (month !== months[0]) months = [month, monthBucket(recordedAt, 1)];
      for (const bucket of months) add(count, 'two-months', bucket, '', '', actor);
    }
    add(count, 'total', '', entity, operation, '');
  }
  return [
    ...[...rows.values()].map(({ key, entries: count }) => [...key, count, null, null]),
    ...spans(entries, firstId),
  ];
}

/** The log is in the order of its ids, not of its instants: a clock may have been set back. */
function spans(entries: readonly Countable[], firstId: number): unknown[][] {
  const minutes = new Map<number, { entries: number; first: number; last: number }>();
  let id = firstId;
  for (const { recordedAt, entries: count, id: place } of entries) {
    id = place ?? id;
    const minute = Math.floor(recordedAt / minuteMs);
    const last = id + count - 1;
    const span = minutes.get(minute);
    if (span) {
      span.entries += count;
      span.last = last;
    } else minutes.set(minute, { entries: count, first: id, last });
    id += count;
  }
  return [...minutes].flatMap(([minute, { entries: count, first, last }]) => [
    ['every-minute', minuteBucket(minute * minuteMs), '', '', '', count, first, last],
    ['every-hour', hourBucket(minute * minuteMs), '', '', '', count, first, last],
  ]);
}

/** A batch is mostly of one hour and a few kinds: those are counted first, so that the rest is done once for each. */
function alike(entries: readonly Countable[]): Iterable<Countable> {
  const kinds = new Map<string, Countable>();
  for (const entry of entries) {
    const hour = Math.floor(entry.recordedAt / hourMs);
    const key = `${hour}\n${entry.operation}\n${entry.actor === null ? 0 : 1}\n${entry.actor}\n${entry.entity}`;
    const kind = kinds.get(key);
    if (kind) kind.entries += entry.entries;
    else kinds.set(key, { ...entry });
  }
  return kinds.values();
}

const hourMs = 3_600_000;
const minuteMs = 60_000;

interface SummaryRow {
  period: string;
  bucket: string;
  entity: string;
  operation: Operation;
  entries: number;
}

export interface Summary {
  entries: number;
  byOperation: Partial<Record<Operation, number>>;
  byEntity: Count[];
  /** Entries by hour, from the hour on that was asked for; those without one left out. */
  byHour: Map<string, number>;
}

/** Reads the roll-ups; the log itself is never counted. */
export class RollupReader {
  constructor(
    private readonly sql: ReadSql,
    private readonly names: RecordedNames,
  ) {}

  /** @param fromHour bucket; without it `byHour` is empty */
  summary(engine: Engine, fromHour = '~'): Summary {
    const summary: Summary = { entries: 0, byOperation: {}, byEntity: [], byHour: new Map() };
    const byEntity = new Map<string, number>();
    const { rows } = engine.execute(this.sql.selectSummary, [fromHour]);
    for (const { period, bucket, entity, operation, entries } of rows as SummaryRow[]) {
      if (period !== 'total') {
        summary.byHour.set(bucket, entries);
        continue;
      }
      summary.entries += entries;
      summary.byOperation[operation] = (summary.byOperation[operation] ?? 0) + entries;
      const name = this.names.entity(entity);
      byEntity.set(name, (byEntity.get(name) ?? 0) + entries);
    }
    summary.byEntity = highest(byEntity);
    return summary;
  }

  /** The most active of a month and the one before. */
  topActors(engine: Engine, month: string, limit: number): Count[] {
    return engine.execute(this.sql.selectTopActors, [month, limit]).rows as Count[];
  }
}

function highest(counts: Map<string, number>): Count[] {
  return [...counts]
    .map(([name, count]) => ({ name, count }))
    .sort((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1));
}
