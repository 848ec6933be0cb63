import { AuditSchema1763700000000 } from './1763700000000-audit-schema';
import { AuditSchemaMoves1763800000000 } from './1763800000000-audit-schema-moves';
import { AuditRollupActors1763900000000 } from './1763900000000-audit-rollup-actors';
import { AuditSchema1763700000000 as ServerAuditSchema1763700000000 } from './server/1763700000000-audit-schema';

/** All migrations of the audit schema, oldest first. */
export const auditMigrations = [
  AuditSchema1763700000000,
  AuditSchemaMoves1763800000000,
  AuditRollupActors1763900000000,
];

/** Those of a server whose triggers write entries at once. */
export const serverAuditMigrations = [ServerAuditSchema1763700000000];

/** Kept apart from the application's migrations, so that neither side's revert can hit the other's. */
export const auditMigrationsTable = 'audit_migrations';
