import type { AuditEntry } from '../model/entry';
import type { AuditDatabaseStats, AuditStats, Dashboard, FlushResult, Freshness, RecentPage } from '../reports';
import type { DashboardJson, EntryJson, FlushJson, RecentJson, StatsJson } from './schemas';

/**
 * Reports as the API writes them. Every name is mapped by hand: a generic camelCase-to-snake_case walk would also rename
 * the keys inside images, changes and metadata, which are the application's data.
 */

export function presentEntry(entry: AuditEntry): EntryJson {
  return {
    id: entry.id,
    log_id: entry.logId,
    seq: entry.seq,
    transaction_id: entry.transactionId,
    entity: entry.entity,
    table: entry.table,
    entity_id: entry.entityId,
    operation: entry.operation,
    before: entry.before,
    after: entry.after,
    changes: entry.changes.map(({ field, before, after }) => ({ field, before, after })),
    actor: entry.actor,
    reason: entry.reason,
    correlation_id: entry.correlationId,
    source: entry.source,
    metadata: entry.metadata,
    schema_version: entry.schemaVersion,
    recorded_at: entry.recordedAt,
  };
}

export function presentStats(stats: AuditStats): StatsJson {
  const { pool, capture } = stats;
  return {
    pending_count: stats.pendingCount,
    database_type: stats.databaseType,
    deferred_mode: stats.deferredMode,
    commit_interval: stats.commitInterval,
    batch_size: stats.batchSize,
    oldest_pending_age_ms: stats.oldestPendingAgeMs,
    backlog: stats.backlog,
    commit_horizon: {
      complete_up_to: stats.commitHorizon.completeUpTo,
      oldest_transaction_age_ms: stats.commitHorizon.oldestTransactionAgeMs,
    },
    quarantined_count: stats.quarantinedCount,
    total_entries: stats.totalEntries,
    entries_by_operation: stats.entriesByOperation,
    flushed_total: stats.flushedTotal,
    flush_failures: stats.flushFailures,
    last_flush: stats.lastFlush,
    audit_database: presentAuditDatabase(stats.auditDatabase),
    pool: {
      size: pool.size,
      in_use: pool.inUse,
      idle: pool.idle,
      utilisation: pool.utilisation,
      waiting: pool.waiting,
      timeouts: pool.timeouts,
      longest_wait_ms: pool.longestWaitMs,
      idle_in_transaction: pool.idleInTransaction,
      idle_transactions_ended: pool.idleTransactionsEnded,
      exhaustions: pool.exhaustions,
      replaced: pool.replaced,
      retries: pool.retries,
    },
    capture: {
      tables: capture.tables,
      not_captured: capture.notCaptured.map(({ table, reason }) => ({ table, reason })),
      missing_triggers: capture.missingTriggers,
      stale_triggers: capture.staleTriggers,
      commits_by_other_connections: capture.commitsByOtherConnections,
      policy_warnings: capture.policyWarnings.map(({ entity, missing, count }) => ({ entity, missing, count })),
    },
    uptime_seconds: stats.uptimeSeconds,
  };
}

export function presentRecent(page: RecentPage): RecentJson {
  return {
    entries: page.entries.map(presentEntry),
    next_cursor: page.nextCursor,
    ...presentFreshness(page),
  };
}

export function presentFlush(result: FlushResult): FlushJson {
  return { flushed: result.flushed, pending_count: result.pendingCount, duration_ms: result.durationMs };
}

export function presentDashboard(dashboard: Dashboard): DashboardJson {
  return {
    total_entries: dashboard.totalEntries,
    entries_by_operation: dashboard.entriesByOperation,
    top_entities: dashboard.topEntities,
    top_actors: dashboard.topActors,
    hours: dashboard.hours,
    days: dashboard.days,
    latest: dashboard.latest.map(presentEntry),
    ...presentFreshness(dashboard),
  };
}

function presentAuditDatabase(database: AuditDatabaseStats | null) {
  if (!database) return null;
  const { databaseType, reachable, lagMs, lastError, totalsAt } = database;
  return {
    database_type: databaseType,
    reachable,
    lag_ms: lagMs,
    last_error: lastError,
    totals_at: totalsAt,
  };
}

function presentFreshness({ pendingCount, completeUpTo }: Freshness) {
  return { pending_count: pendingCount, complete_up_to: completeUpTo };
}
