import { Type, type Static, type TSchema } from 'typebox';
import { operations } from '../model/entry';
import { backlogPolicies } from '../options';

/**
 * What the API takes and answers. The answers are JSON-stringified as they are (see plugin.ts): these schemas type the
 * presenter, feed a generated OpenAPI document, and are what the tests hold real answers against.
 */

const nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);
const count = Type.Integer({ minimum: 0 });
const instant = Type.String({ description: 'ISO 8601, UTC' });

/** Keyed by property path, values of any JSON type: nothing in here is renamed or dropped. */
const image = Type.Record(Type.String(), Type.Unknown());
const countByOperation = Type.Partial(Type.Record(Type.Enum([...operations]), count));

export const Entry = Type.Object({
  id: Type.Integer(),
  log_id: Type.String(),
  seq: Type.Integer(),
  transaction_id: Type.String(),
  entity: Type.String(),
  table: Type.String(),
  entity_id: nullable(Type.String()),
  operation: Type.Enum([...operations]),
  before: nullable(image),
  after: nullable(image),
  changes: Type.Array(Type.Object({ field: Type.String(), before: Type.Unknown(), after: Type.Unknown() })),
  actor: nullable(Type.String()),
  reason: nullable(Type.String()),
  correlation_id: nullable(Type.String()),
  source: nullable(Type.String()),
  metadata: nullable(image),
  schema_version: Type.Integer(),
  recorded_at: instant,
});

const freshness = { pending_count: count, complete_up_to: instant };

export const Stats = Type.Object({
  pending_count: count,
  database_type: Type.String(),
  deferred_mode: Type.Boolean(),
  commit_interval: Type.Number({ description: 'seconds' }),
  batch_size: count,
  oldest_pending_age_ms: nullable(Type.Number()),
  backlog: Type.Object({ limit: count, policy: Type.Enum([...backlogPolicies]), exceeded: Type.Boolean() }),
  commit_horizon: Type.Object({ complete_up_to: instant, oldest_transaction_age_ms: nullable(Type.Number()) }),
  quarantined_count: count,
  total_entries: count,
  entries_by_operation: countByOperation,
  flushed_total: count,
  flush_failures: count,
  last_flush: nullable(instant),
  audit_database: nullable(
    Type.Object({
      database_type: nullable(Type.String()),
      reachable: nullable(Type.Boolean()),
      lag_ms: Type.Number(),
      last_error: nullable(Type.String()),
      totals_at: nullable(instant),
    }),
  ),
  pool: Type.Object({
    size: count,
    in_use: count,
    idle: count,
    utilisation: Type.Number({ minimum: 0, maximum: 1 }),
    waiting: count,
    timeouts: count,
    longest_wait_ms: Type.Number(),
    idle_in_transaction: count,
    idle_transactions_ended: count,
    exhaustions: count,
    replaced: count,
    retries: count,
  }),
  capture: Type.Object({
    tables: Type.Array(Type.String()),
    not_captured: Type.Array(Type.Object({ table: Type.String(), reason: Type.String() })),
    missing_triggers: Type.Array(Type.String()),
    stale_triggers: Type.Array(Type.String()),
    commits_by_other_connections: count,
    policy_warnings: Type.Array(
      Type.Object({ entity: Type.String(), missing: Type.Enum(['context', 'reason', 'triggers']), count }),
    ),
  }),
  uptime_seconds: Type.Number(),
});

export const Recent = Type.Object({
  entries: Type.Array(Entry),
  next_cursor: nullable(Type.String()),
  ...freshness,
});

export const Flush = Type.Object({ flushed: count, pending_count: count, duration_ms: Type.Number() });

const namedCounts = Type.Array(Type.Object({ name: Type.String(), count }));
const countsOverTime = Type.Array(Type.Object({ at: Type.String(), count }));

export const DashboardReport = Type.Object({
  total_entries: count,
  entries_by_operation: countByOperation,
  top_entities: namedCounts,
  top_actors: namedCounts,
  hours: countsOverTime,
  days: countsOverTime,
  latest: Type.Array(Entry),
  ...freshness,
});

export const Failure = Type.Object({
  success: Type.Literal(false),
  error: Type.Object({
    code: Type.String(),
    message: Type.String(),
    remedy: Type.String(),
    details: Type.Optional(image),
  }),
});

/** The envelope of a good answer. */
export const success = <T extends TSchema>(data: T) => Type.Object({ success: Type.Literal(true), data });

const strict = { additionalProperties: false };
const filter = (description: string) => Type.Optional(Type.String({ minLength: 1, description }));
const fresh = Type.Optional(Type.Boolean({ default: false, description: 'Drain what is pending first' }));

export const NoQuery = Type.Object({}, strict);
export const FreshQuery = Type.Object({ fresh }, strict);

export const recentPageSize = { minimum: 1, maximum: 500, default: 50 };

export const RecentQuerystring = Type.Object(
  {
    limit: Type.Optional(Type.Integer({ ...recentPageSize, description: 'Entries on a page' })),
    cursor: filter('next_cursor of an earlier page'),
    entity: filter('Name of the entity'),
    entity_id: filter('Key of the row; a composite key as the JSON object that entries show'),
    operation: Type.Optional(Type.Enum([...operations])),
    actor: filter('Who made the change'),
    correlation_id: filter('Request or job that made the change'),
    transaction_id: filter('Transaction of the change'),
    field: filter('Only entries that changed this property'),
    from: filter('ISO 8601 date or instant, inclusive'),
    to: filter('ISO 8601 date or instant, exclusive'),
    fresh,
    reveal: filter('Entity.property of select: false columns to show, separated by commas'),
  },
  strict,
);

export type EntryJson = Static<typeof Entry>;
export type StatsJson = Static<typeof Stats>;
export type RecentJson = Static<typeof Recent>;
export type FlushJson = Static<typeof Flush>;
export type DashboardJson = Static<typeof DashboardReport>;
export type FailureJson = Static<typeof Failure>;
export type RecentParameters = Static<typeof RecentQuerystring>;
