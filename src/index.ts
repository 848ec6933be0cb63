/** The public surface, written by hand. The Fastify plugin is `typeorm-audit-trail/fastify`. */
import 'reflect-metadata';

export { AuditTrail } from './audit-trail';
export { createDataSource } from './data-source';
export type { AuditDataSourceOptions } from './data-source';
export { checkDatabase } from './check-database';
export { retryTransaction } from './retry-transaction';
export type { RetryOptions } from './retry-transaction';
export type { ConnectionOptions } from './dialect/connection-options';
export { parseDatabaseUrl } from './dialect/url';
export type { DatabaseUrl } from './dialect/url';
export { auditContext } from './capture/audit-context';
export { NotAudited, Redacted } from './capture/decorators';
export * from './errors';
export { operations } from './model/entry';
export type { AuditEntry, FieldChange, Operation } from './model/entry';
export type { AuditContext } from './model/context';
export type { Image } from './model/image';
export type { EarlierNames, Renamed } from './model/recorded-names';
export type { AuditTrailOptions, BacklogPolicy } from './options';
export type {
  AuditDatabaseStats,
  AuditEvent,
  AuditStats,
  BacklogStats,
  BaselineReport,
  CaptureStats,
  CheckOptions,
  CheckProgress,
  CheckStep,
  CheckTarget,
  CommitHorizon,
  Count,
  Dashboard,
  DatabaseCheck,
  Difference,
  DifferenceKind,
  DoctorOptions,
  DoctorReport,
  FlushResult,
  Missing,
  PolicyWarning,
  Moment,
  PoolStats,
  QuarantinedRecord,
  RecentPage,
  RecentQuery,
  RevertReport,
  RowState,
  SkippedTable,
  TrailDescription,
  UnrestorableColumn,
  UnrestorableReason,
} from './reports';
