export type { Missing, PolicyWarning } from './model/missing';
import type { EntityTarget, ObjectLiteral } from 'typeorm';
import type { AuditEntry, Operation } from './model/entry';
import type { PolicyWarning } from './model/missing';
import type { Image } from './model/image';
import type { BacklogPolicy } from './options';

/** Answer of `trail.stats()`. Durations in the unit their name says, counts of this process unless said otherwise. */
export interface AuditStats {
  /** Outbox rows not yet turned into entries; 0 where entries are written at once. */
  pendingCount: number;
  databaseType: string;
  deferredMode: boolean;
  /** Seconds between two drains at most. */
  commitInterval: number;
  batchSize: number;
  oldestPendingAgeMs: number | null;
  backlog: BacklogStats;
  commitHorizon: CommitHorizon;
  /** Outbox rows of which no entry could be made; they are kept in `audit_quarantine`. */
  quarantinedCount: number;
  /** Entries in the log, whoever wrote them. */
  totalEntries: number;
  entriesByOperation: Partial<Record<Operation, number>>;
  /** Entries that this process drained. */
  flushedTotal: number;
  flushFailures: number;
  /** When this process last finished a drain, ISO 8601; null before the first. */
  lastFlush: string | null;
  /** The separate audit database; null without one. */
  auditDatabase: AuditDatabaseStats | null;
  pool: PoolStats;
  capture: CaptureStats;
  uptimeSeconds: number;
}

/** With an audit database, `totalEntries` and `entriesByOperation` are what was last seen of it, of all that deliver there. */
export interface AuditDatabaseStats {
  /** Null before it was first reached. */
  databaseType: string | null;
  /** Whether it answered when it was last asked; null before. */
  reachable: boolean | null;
  /** Age of the oldest change that it does not have, 0 where it has all. */
  lagMs: number;
  /** Why the last delivery failed; null once one succeeds. */
  lastError: string | null;
  /** Of when `totalEntries` and `entriesByOperation` are, ISO 8601; null while they are not known, and 0. */
  totalsAt: string | null;
}

export interface BacklogStats {
  /** Rows that may wait. */
  limit: number;
  policy: BacklogPolicy;
  /** More than that wait now. */
  exceeded: boolean;
}

/**
 * Transactions commit in another order than they record. Whatever was recorded before the horizon has committed, or never
 * will: who reads entries in spans of time, each up to the horizon, skips none.
 */
export interface CommitHorizon {
  /** ISO 8601. */
  completeUpTo: string;
  /** Age of the transaction that holds the horizon back, the oldest that is open, of any process; null for none. */
  oldestTransactionAgeMs: number | null;
}

/** The connections: the writing one and the readers; on a server its pool. Asking for these figures takes none of them. */
export interface PoolStats {
  /** Connections there may be; those that are not in use may not be open yet. */
  size: number;
  inUse: number;
  idle: number;
  /** Share of the connections that is in use, 0 to 1. */
  utilisation: number;
  /** Statements, transactions and reads waiting for a connection now. */
  waiting: number;
  /** Waits, and reads, that ended in a time-out. */
  timeouts: number;
  longestWaitMs: number;
  /** Transactions that are open while nothing runs in them. */
  idleInTransaction: number;
  /** Transactions that were rolled back because nothing ran in them. */
  idleTransactionsEnded: number;
  /** Reads that found every reader in use; on a server, whoever found every connection in use. */
  exhaustions: number;
  /** Readers that were given up: stuck beyond the deadline, or dead. */
  replaced: number;
  /**
   * Statements, transactions of the library or of `retryTransaction()`, and BEGINs that were run again, because they had
   * failed for a reason that passes. Only on a server.
   */
  retries: number;
}

export interface CaptureStats {
  tables: string[];
  /** Tables of entities that are left out, each with the reason. */
  notCaptured: { table: string; reason: string }[];
  missingTriggers: string[];
  staleTriggers: string[];
  /** How often another connection was seen to have committed; those changes are not in the trail unless it has one too. */
  commitsByOtherConnections: number;
  /** What `warnOnly` let through since the connection was opened. */
  policyWarnings: PolicyWarning[];
}

export interface FlushResult {
  /** Entries written by this run. */
  flushed: number;
  pendingCount: number;
  durationMs: number;
}

/** Filters of `recent`; all optional, all must hold. */
export interface RecentQuery {
  /** 1 to 500, default 50. */
  limit?: number;
  /** `nextCursor` of an earlier page. */
  cursor?: string;
  entity?: string;
  entityId?: string;
  operation?: Operation;
  actor?: string;
  correlationId?: string;
  transactionId?: string;
  /** Only entries that changed this property. */
  field?: string;
  /** ISO 8601 instants: from inclusive, to exclusive. */
  from?: string;
  to?: string;
  /** Drain first, so that the answer holds every change committed before the call. */
  fresh?: boolean;
  /** `Entity.property` of `select: false` columns whose values shall be shown. */
  reveal?: string[];
}

/** How far an answer reaches, where it may lag behind by the outbox. */
export interface Freshness {
  pendingCount: number;
  /** Every change recorded before this instant is in the answer, ISO 8601. */
  completeUpTo: string;
}

export interface RecentPage extends Freshness {
  /** Newest first. */
  entries: AuditEntry[];
  nextCursor: string | null;
}

export interface Count {
  name: string;
  count: number;
}

/** Answer of `trail.dashboard()`: the log at a glance, from the roll-ups. */
export interface Dashboard extends Freshness {
  totalEntries: number;
  entriesByOperation: Partial<Record<Operation, number>>;
  /** The most changed, at most 10, all time. */
  topEntities: Count[];
  /** The most active of this month and the one before (UTC), at most 10. */
  topActors: Count[];
  /** The last 24 hours, oldest first, hours without a change included; `at` is the hour's start, ISO 8601. */
  hours: { at: string; count: number }[];
  /** The last 30 days, oldest first, days without a change included; `at` is a date. */
  days: { at: string; count: number }[];
  /** The newest 10 entries. */
  latest: AuditEntry[];
}

/** What `attach` set up, for a start-up log. */
export interface TrailDescription {
  databaseType: string;
  /** Driver package, e.g. `better-sqlite3 (SQLite 3.53.2)` or `sqlite3 (SQLite 3.44.2)`. */
  driver: string;
  journalMode: string | null;
  /** Connections that are kept, and that there may be; null without a pool. */
  pool: { least: number; most: number } | null;
  /** Audit migrations run by this attach. */
  migrationsRun: string[];
  capturedTables: string[];
  logId: string;
  /** URL of the separate audit database, without a password; null without one. */
  auditDatabase: string | null;
  warnings: string[];
}

/** A business event for `trail.record()`. */
export interface AuditEvent {
  /** What happened, e.g. `report.approved`. */
  name: string;
  entity?: string;
  entityId?: string;
  data?: Record<string, unknown>;
}

/** An instant (as text ISO 8601 with its offset), or the moment before an entry. */
export type Moment = Date | string | { beforeEntry: number };

/**
 * - `redacted`: the value is in no audit table · `not audited`: the column is left out of the trail
 * - `not recorded`: the column is younger than the image · `no longer there`: the table has it no more
 * - `generated`: the database gives it · `inexact`: the image does not say of which type the value was
 * - `not as written`: a trigger or the type of the column made another value of it
 */
export type UnrestorableReason =
  'redacted' | 'not audited' | 'not recorded' | 'no longer there' | 'generated' | 'inexact' | 'not as written';

/** A column whose value at a moment the trail can't give back. */
export interface UnrestorableColumn {
  /** Property path, or the column's name where no entity has it. */
  property: string;
  reason: UnrestorableReason;
}

/** Answer of `trail.asOf()`. */
export interface RowState {
  /** The row in canonical form, `select: false` columns masked. */
  image: Image;
  unrestorable: UnrestorableColumn[];
}

/** Answer of `trail.revert()`. */
export interface RevertReport {
  /** What was done to the table. */
  operation: 'insert' | 'update' | 'delete' | 'none';
  /** Properties that were given their value of then; of an update those that differed. */
  restored: string[];
  unrestorable: UnrestorableColumn[];
}

/** Options of `trail.baseline()` and `trail.doctor()`; all optional. */
export interface CheckOptions {
  /** Entities, or names of entities or tables; the table of each is looked at as a whole. Default: all that are captured. */
  entities?: readonly CheckTarget[];
  /** Told after each chunk. What it throws ends the run, and what is done stays done. */
  onProgress?: (progress: CheckProgress) => void;
  /** Rows of one transaction at most, 1 to 10,000. Default 1,000. More blocks the writers for longer. */
  chunkSize?: number;
}

/** A class of an entity, an EntitySchema, or a name. */
export type CheckTarget = EntityTarget<ObjectLiteral>;

/** How far a run is. */
export interface CheckProgress {
  /** The table that the last chunk was of. */
  table: string;
  /** Rows looked at, of all tables. */
  done: number;
  /** Rows there were when the run began; with many writers `done` may end above it. */
  total: number;
}

/** A table that could not be looked at. */
export interface SkippedTable {
  table: string;
  reason: string;
}

/** Answer of `trail.baseline()`. */
export interface BaselineReport {
  /** Rows looked at and entries written, by table. */
  tables: { table: string; rows: number; recorded: number }[];
  /** Rows looked at. */
  rows: number;
  /** Entries written; the other rows had one. */
  recorded: number;
  skipped: SkippedTable[];
  durationMs: number;
}

export interface DoctorOptions extends CheckOptions {
  /** Record what differs as `reconcile` entries, in the transaction that finds it. Default false. */
  accept?: boolean;
  /** Differences that are listed, 0 to 100,000. Default 1,000; all are counted, and accepted. */
  limit?: number;
}

/**
 * - `changed`: the row holds something else than the trail says
 * - `added`: the row is there, and by the trail it is not
 * - `missing`: the trail has the row, the table does not
 * - `unknown`: the trail knows nothing of the row, and its table never had a baseline: older than the trail, or added
 */
export type DifferenceKind = 'changed' | 'added' | 'missing' | 'unknown';

/** A row that was changed behind the application's back. */
export interface Difference {
  kind: DifferenceKind;
  table: string;
  entity: string;
  entityId: string;
  /** Properties that differ, of a row that was changed; empty otherwise. */
  fields: string[];
}

/** A row of `audit_quarantine`. */
export interface QuarantinedRecord {
  /** The id that the row had in the outbox. */
  outboxId: number;
  reason: string;
  /** When it was set aside, ISO 8601. */
  at: string;
}

/** Answer of `trail.doctor()`. */
export interface DoctorReport {
  /** Rows looked at, by table, and rows that differ. */
  tables: { table: string; rows: number; differences: number }[];
  rows: number;
  counts: Record<DifferenceKind, number>;
  /** The first of them, up to the limit. */
  differences: Difference[];
  /** `reconcile` entries written. */
  accepted: number;
  /** Columns in which a difference can't be seen, each with the reason. */
  notCompared: { table: string; column: string; reason: string }[];
  /** Changes that were recorded and can't be read, the oldest up to the limit: what they did is not in the trail. */
  quarantined: QuarantinedRecord[];
  skipped: SkippedTable[];
  durationMs: number;
}

/** Answer of `checkDatabase`. */
export interface DatabaseCheck {
  /** For people: the file, or server and database; never a user or a password. */
  database: string;
  /** No step failed; there may be warnings. */
  ok: boolean;
  /** In the order in which they were taken. */
  steps: CheckStep[];
}

export interface CheckStep {
  /** Of a file: `driver`, `file`, `database`, `writable`, `wal`, `version`; of a server: `reach`, `tls`, `login`, … */
  name: string;
  /** `skipped` where it could not be looked at because of a step that failed before. */
  status: 'ok' | 'warning' | 'failed' | 'skipped';
  detail: string;
  /** What to do about it, one sentence; null where nothing is wrong with this step. */
  remedy: string | null;
}
