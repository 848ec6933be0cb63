import { InvalidOptionError } from './errors';
import type { Renamed } from './model/recorded-names';

/**
 * What happens while more than `backlogLimit` rows wait in the outbox.
 * - `grow`: it is said, and nothing else
 * - `slow-writers`: a transaction that writes waits for a slice of the drain before it begins, a second at most
 */
export type BacklogPolicy = (typeof backlogPolicies)[number];

export const backlogPolicies = ['grow', 'slow-writers'] as const;

/** Options of `AuditTrail.attach`; all optional. */
export interface AuditTrailOptions {
  /**
   * Create and upgrade the audit tables when attaching. Default true.
   * If false, changes fail until `audit-trail migrate` has run.
   */
  migrate?: boolean;
  /**
   * URL of another database that keeps the log: what is recorded commits with the change in the application's database,
   * and is delivered from there. Default none: the log is in the application's database.
   * A crash loses nothing: what is not delivered waits.
   */
  auditDatabase?: string;
  /** Entities and tables to capture, by name; `*` stands for anything. Default `['*']`. */
  include?: readonly string[];
  /**
   * Tables without an entity to capture too, by their exact name. Default none.
   * Without it, what raw SQL does to such a table is not in the trail.
   */
  tables?: readonly string[];
  /**
   * Entities and tables to leave out, by name; `*` stands for anything. Default none.
   * Their changes are not in the trail.
   */
  exclude?: readonly string[];
  /** Entities and tables whose changes need a context with an actor, by name; `*` stands for anything. Default none. */
  requireContext?: readonly string[];
  /** Entities and tables whose changes need a reason, by name; `*` stands for anything. Default none. */
  requireReason?: readonly string[];
  /**
   * Entities and tables for which a missing context, reason or trigger is only warned of, by name; `*` stands for
   * anything. Default none: such a change fails.
   */
  warnOnly?: readonly string[];
  /**
   * Earlier names of entities and of their properties, so that older entries are shown and found under today's:
   * `{ Invoice: { was: ['Bill'], properties: { total: ['amount'] } } }`. Default none. The log is not changed.
   */
  renamed?: Renamed;
  /**
   * Drain at the latest after this many milliseconds, 10 to 3,600,000. Default 5,000 on SQLite;
   * on SQL Server, where the roll-ups alone wait, 2,000.
   * A crash loses nothing: what is not drained stays in the outbox.
   */
  commitIntervalMs?: number;
  /** Drain when this many changes wait, 1 to 1,000; also the rows of one statement. Default 50 on SQLite, 25 on SQL Server. */
  batchSize?: number;
  /** Drain in the background. Default true. If false, only flush() and close() drain. */
  drain?: boolean;
  /**
   * Outbox rows that may wait before `onWarning` and `stats` say that they are too many, 1 to 1,000,000,000.
   * Default 1,000,000. A crash loses nothing.
   */
  backlogLimit?: number;
  /** What happens beyond `backlogLimit`. Default `grow`. */
  backlogPolicy?: BacklogPolicy;
  /** Longest wait for the connection or the database file's lock, in milliseconds, 1 to 600,000. Default 30,000. */
  lockTimeoutMs?: number;
  /**
   * Roll back a transaction that holds the connection and in which no statement has run, or waited, for so many
   * milliseconds, 0 to 3,600,000. Default 15,000, on SQL Server 60,000; 0: never. What it did is gone, and its owner gets an error.
   */
  idleTransactionTimeoutMs?: number;
  /**
   * Read over connections of their own, so that no read waits for an open transaction. Default true; false has
   * everything done by the one connection. A database in memory, or without write-ahead logging, has no other.
   */
  readers?: boolean;
  /** The writing connection and the readers of the trail in all, 2 to 32; a reader starts when it is needed. Default 5. */
  poolSize?: number;
  /** Longest time until a reader has answered the trail, waiting included, in milliseconds, 1 to 600,000. Default 30,000. */
  readTimeoutMs?: number;
  /** Longest drain of close(), in milliseconds, 0 to 600,000. Default 10,000. The rest stays in the outbox. */
  drainTimeoutMs?: number;
  /** Let the DataSource drop the audit tables (migration:revert, dropDatabase). Default false: it is refused. */
  allowLogDestruction?: boolean;
  /**
   * Told what an operator should know and no caller is there to be told: a drain that failed, records that can't be
   * read, a backlog, an idle transaction that was ended, write-ahead logging that is not to be had. Default: a warning of the process, which Node prints.
   */
  onWarning?: (message: string) => void;
}

/** Options with every default filled in. */
export type ResolvedOptions = Readonly<
  Required<Omit<AuditTrailOptions, 'auditDatabase'>> & { auditDatabase: string | undefined }
>;

const ranges = {
  commitIntervalMs: [10, 3_600_000],
  batchSize: [1, 1000],
  backlogLimit: [1, 1_000_000_000],
  lockTimeoutMs: [1, 600_000],
  idleTransactionTimeoutMs: [0, 3_600_000],
  poolSize: [2, 32],
  readTimeoutMs: [1, 600_000],
  drainTimeoutMs: [0, 600_000],
} as const;
const flags = ['migrate', 'drain', 'readers', 'allowLogDestruction'] as const;
const lists = ['include', 'exclude', 'tables', 'requireContext', 'requireReason', 'warnOnly'] as const;
const known = new Set<string>([
  ...Object.keys(ranges),
  ...flags,
  ...lists,
  'auditDatabase',
  'renamed',
  'backlogPolicy',
  'onWarning',
]);

/**
 * Checks the options and fills in the defaults, once; the result is frozen.
 * @throws InvalidOptionError for an unknown option, a wrong type or a value out of range.
 */
export function resolveOptions(
  options: AuditTrailOptions,
  dialect: { batchSize: number; commitIntervalMs: number; idleTransactionTimeoutMs: number },
): ResolvedOptions {
  for (const [name, value] of Object.entries(options)) check(name, value);
  return Object.freeze({
    migrate: options.migrate ?? true,
    auditDatabase: options.auditDatabase,
    include: Object.freeze([...(options.include ?? ['*'])]),
    tables: Object.freeze([...(options.tables ?? [])]),
    exclude: Object.freeze([...(options.exclude ?? [])]),
    requireContext: Object.freeze([...(options.requireContext ?? [])]),
    requireReason: Object.freeze([...(options.requireReason ?? [])]),
    warnOnly: Object.freeze([...(options.warnOnly ?? [])]),
    // A copy: what the caller changes afterwards is not what was checked.
    renamed: structuredClone(options.renamed ?? {}),
    commitIntervalMs: options.commitIntervalMs ?? dialect.commitIntervalMs,
    batchSize: options.batchSize ?? dialect.batchSize,
    drain: options.drain ?? true,
    backlogLimit: options.backlogLimit ?? 1_000_000,
    backlogPolicy: options.backlogPolicy ?? 'grow',
    lockTimeoutMs: options.lockTimeoutMs ?? 30_000,
    idleTransactionTimeoutMs: options.idleTransactionTimeoutMs ?? dialect.idleTransactionTimeoutMs,
    readers: options.readers ?? true,
    poolSize: options.poolSize ?? 5,
    readTimeoutMs: options.readTimeoutMs ?? 30_000,
    drainTimeoutMs: options.drainTimeoutMs ?? 10_000,
    allowLogDestruction: options.allowLogDestruction ?? process.env['AUDIT_ALLOW_LOG_DESTRUCTION'] === 'yes',
    onWarning: options.onWarning ?? ((message) => process.emitWarning(message, 'AuditTrailWarning')),
  });
}

function check(name: string, value: unknown): void {
  if (!known.has(name)) {
    throw new InvalidOptionError(`There is no option "${name}"; there are ${[...known].join(', ')}.`, { value: name });
  }
  if (value === undefined) return;
  if (name in ranges) {
    const [least, most] = ranges[name as keyof typeof ranges];
    if (!Number.isInteger(value) || (value as number) < least || (value as number) > most) {
      throw new InvalidOptionError(`${name} must be a whole number from ${least} to ${most}.`, { value });
    }
  } else if ((flags as readonly string[]).includes(name)) {
    if (typeof value !== 'boolean') throw new InvalidOptionError(`${name} must be true or false.`, { value });
  } else if (name === 'auditDatabase') {
    if (typeof value === 'string' && value !== '') return;
    // Not repeated: what is almost a URL may hold a password.
    throw new InvalidOptionError('auditDatabase must be the URL of a database.');
  } else if (name === 'backlogPolicy') {
    if ((backlogPolicies as readonly unknown[]).includes(value)) return;
    throw new InvalidOptionError(`backlogPolicy must be one of ${backlogPolicies.join(', ')}.`, { value });
  } else if (name === 'renamed') {
    checkRenamed(value);
  } else if (name === 'onWarning') {
    if (typeof value !== 'function') throw new InvalidOptionError('onWarning must be a function.', { value });
  } else if (!isListOfNames(value)) {
    throw new InvalidOptionError(`${name} must be a list of names.`, { value });
  }
}

function checkRenamed(value: unknown): void {
  const isRight =
    isObject(value) &&
    Object.values(value).every((entity) => {
      if (!isObject(entity) || !Object.keys(entity).every((key) => key === 'was' || key === 'properties')) return false;
      const { was = [], properties = {} } = entity;
      return isListOfNames(was) && isObject(properties) && Object.values(properties).every(isListOfNames);
    });
  if (isRight) return;
  throw new InvalidOptionError(
    `renamed must be like { Invoice: { was: ['Bill'], properties: { total: ['amount'] } } }.`,
    {
      value,
    },
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isListOfNames(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}
