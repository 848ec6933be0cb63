import type { Capture } from './capture/instrument';
import type { Dialect } from './dialect/dialect';
import type { Engine } from './dialect/engine';
import type { ResolvedOptions } from './options';
import type { AuditStats, Dashboard, Freshness } from './reports';
import type { Pending } from './store/outbox';
import { dayBucket, hourBucket, monthBucket, type RollupReader, type Summary } from './store/rollup';
import type { BrokenRecord } from './store/pending-record';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const hoursShown = 24;
const daysShown = 30;
const topShown = 10;
const brokenNamed = 5;

/** What `stats()` is made of. */
export interface StatsSource {
  dialect: Dialect;
  options: ResolvedOptions;
  capture: Capture;
  drain: { flushedTotal: number; flushFailures: number; lastFlush: Date | null };
  pending: Pending;
  summary: Summary;
  uptimeSeconds: number;
}

export function buildStats(source: StatsSource): AuditStats {
  const { dialect, options, capture, drain, pending, summary } = source;
  const { connection, triggers, plan } = capture;
  const virtual = triggers.virtualTables();
  const tables = triggers.tables(virtual);
  const { missing, stale } = triggers.gaps(tables);
  // Asking takes the connection, so at least this call holds it.
  const { waiting, timeouts, longestWaitMs } = connection.lock.figures;
  return {
    pendingCount: pending.rows,
    databaseType: dialect.databaseType,
    deferredMode: dialect.capabilities.deferred,
    commitInterval: options.commitIntervalMs / 1000,
    batchSize: options.batchSize,
    oldestPendingAgeMs: pending.since === null ? null : Math.max(0, Date.now() - pending.since),
    backlog: {
      limit: options.backlogLimit,
      policy: options.backlogPolicy,
      exceeded: pending.rows > options.backlogLimit,
    },
    quarantinedCount: pending.quarantined,
    totalEntries: summary.entries,
    entriesByOperation: summary.byOperation,
    flushedTotal: drain.flushedTotal,
    flushFailures: drain.flushFailures,
    lastFlush: drain.lastFlush?.toISOString() ?? null,
    pool: {
      size: 1,
      inUse: 1,
      idle: 0,
      waiting,
      timeouts,
      longestWaitMs,
      idleTransactionsEnded: connection.idleWatch.figures.ended,
    },
    capture: {
      tables,
      notCaptured: [
        ...plan.notCaptured,
        ...virtual.map((table) => ({ table, reason: 'a virtual table, which takes no triggers' })),
      ],
      missingTriggers: missing,
      staleTriggers: stale,
      commitsByOtherConnections: capture.otherCommits.count(),
      policyWarnings: capture.policyWarnings.list(),
    },
    uptimeSeconds: Math.round(source.uptimeSeconds * 1000) / 1000,
  };
}

/** What an operator is told of records that were set aside. */
export function describeBroken(records: readonly BrokenRecord[]): string {
  const named = records.slice(0, brokenNamed).map(({ first, reason }) => `${first} (${reason})`);
  const more = records.length > brokenNamed ? ` and ${records.length - brokenNamed} more` : '';
  return `no entry could be made of these records of the outbox: ${named.join(', ')}${more}; they are kept in audit_quarantine`;
}

export function freshness({ rows, since }: Pending): Freshness {
  const now = Date.now();
  // A clock that was set back has left an instant in the future.
  return { pendingCount: rows, completeUpTo: new Date(Math.min(since ?? now, now)).toISOString() };
}

/** The dashboard without its newest entries: two queries, neither of which reads the log. */
export function buildDashboard(
  engine: Engine,
  rollups: RollupReader,
  now: number,
): Omit<Dashboard, 'latest' | keyof Freshness> {
  const thisHour = Math.floor(now / hourMs) * hourMs;
  const today = Math.floor(now / dayMs) * dayMs;
  const firstHour = thisHour - (hoursShown - 1) * hourMs;
  const firstDay = today - (daysShown - 1) * dayMs;
  const { entries, byOperation, byEntity, byHour } = rollups.summary(engine, hourBucket(firstDay));
  const byDay = new Map<string, number>();
  for (const [hour, count] of byHour) {
    const day = hour.slice(0, dayBucket(now).length);
    byDay.set(day, (byDay.get(day) ?? 0) + count);
  }
  return {
    totalEntries: entries,
    entriesByOperation: byOperation,
    topEntities: byEntity.slice(0, topShown),
    topActors: rollups.topActors(engine, monthBefore(now), topShown),
    hours: Array.from({ length: hoursShown }, (_, index) => {
      const at = firstHour + index * hourMs;
      return { at: new Date(at).toISOString(), count: byHour.get(hourBucket(at)) ?? 0 };
    }),
    days: Array.from({ length: daysShown }, (_, index) => {
      const at = dayBucket(firstDay + index * dayMs);
      return { at, count: byDay.get(at) ?? 0 };
    }),
  };
}

/** Bucket of the last month before that of the instant. */
function monthBefore(now: number): string {
  const date = new Date(now);
  return monthBucket(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() - 1));
}
