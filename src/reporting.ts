import type { Capture } from './capture/instrument';
import type { Dialect } from './dialect/dialect';
import type { ResolvedOptions } from './options';
import type { PoolFigures, ServerDialect } from './dialect/server-dialect';
import { freshnessOf } from './readers/trail-queries';
import type { AuditStats, CaptureStats, PoolStats } from './reports';
import type { Pending } from './store/outbox';
import type { Summary } from './store/rollup';
import type { BrokenRecord } from './store/pending-record';

const brokenNamed = 5;

/** What `stats()` is made of. */
export interface StatsSource {
  dialect: Dialect;
  options: ResolvedOptions;
  capture: Capture;
  drain: { flushedTotal: number; flushFailures: number; lastFlush: Date | null };
  pending: Pending;
  summary: Summary;
  /** Milliseconds since 1970: what was recorded before has committed, or never will. */
  settledUpTo: number;
  /** For how long a transaction has been open; 0 for none. */
  openForMs: number;
  pool: PoolStats;
  uptimeSeconds: number;
}

export function buildStats(source: StatsSource): AuditStats {
  const { dialect, options, capture, drain, pending, summary } = source;
  const { triggers, plan } = capture;
  const virtual = triggers.virtualTables();
  const tables = triggers.tables(virtual);
  const { missing, stale } = triggers.gaps(tables);
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
    commitHorizon: {
      completeUpTo: freshnessOf(pending, source.settledUpTo).completeUpTo,
      oldestTransactionAgeMs: source.openForMs > 0 ? Math.round(source.openForMs) : null,
    },
    quarantinedCount: pending.quarantined,
    totalEntries: summary.entries,
    entriesByOperation: summary.byOperation,
    flushedTotal: drain.flushedTotal,
    flushFailures: drain.flushFailures,
    lastFlush: drain.lastFlush?.toISOString() ?? null,
    auditDatabase: null,
    pool: source.pool,
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

/** The same of a trail whose triggers write entries at once. */
export interface ServerStatsSource {
  dialect: ServerDialect;
  options: ResolvedOptions;
  pending: Pending;
  summary: Summary;
  pool: PoolFigures;
  transactions: { idle: number; ended: number };
  retries: number;
  capture: Pick<CaptureStats, 'tables' | 'notCaptured' | 'policyWarnings'> & { missing: string[]; stale: string[] };
  /** When the roll-ups were last brought up to date. */
  lastFlush: Date | null;
  flushFailures: number;
  uptimeSeconds: number;
}

export function buildServerStats(source: ServerStatsSource): AuditStats {
  const { dialect, options, summary, pool, capture } = source;
  const { size, inUse, ...counted } = pool;
  return {
    pendingCount: 0,
    databaseType: dialect.databaseType,
    deferredMode: dialect.capabilities.deferred,
    commitInterval: options.commitIntervalMs / 1000,
    batchSize: options.batchSize,
    oldestPendingAgeMs: null,
    backlog: { limit: options.backlogLimit, policy: options.backlogPolicy, exceeded: false },
    commitHorizon: {
      completeUpTo: new Date(source.pending.since!).toISOString(),
      oldestTransactionAgeMs: source.pending.heldMs ?? null,
    },
    quarantinedCount: 0,
    totalEntries: summary.entries,
    entriesByOperation: summary.byOperation,
    flushedTotal: 0,
    flushFailures: source.flushFailures,
    lastFlush: source.lastFlush?.toISOString() ?? null,
    auditDatabase: null,
    pool: {
      size,
      inUse,
      idle: size - inUse,
      utilisation: Math.round((inUse / size) * 100) / 100,
      ...counted,
      idleInTransaction: source.transactions.idle,
      idleTransactionsEnded: source.transactions.ended,
      retries: source.retries,
      replaced: 0,
    },
    capture: {
      tables: capture.tables,
      notCaptured: capture.notCaptured,
      missingTriggers: capture.missing,
      staleTriggers: capture.stale,
      commitsByOtherConnections: 0,
      policyWarnings: capture.policyWarnings,
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
