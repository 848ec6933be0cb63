import { type DataSource, MigrationExecutor, type QueryRunner } from 'typeorm';
import { auditMigrations, auditMigrationsTable, serverAuditMigrations } from '../../migrations';

/** Which of the audit schemas: that with an outbox, or that of a server whose triggers write entries at once. */
const migrationsOf = { outbox: auditMigrations, server: serverAuditMigrations };

/**
 * Runs the pending migrations of the audit schema on the application's DataSource, in a migrations table of their own.
 * @param queryRunner in whose transaction; by default they have one
 * @returns names of the migrations that ran
 */
export async function migrateAuditSchema(
  dataSource: DataSource,
  schema: keyof typeof migrationsOf = 'outbox',
  queryRunner?: QueryRunner,
): Promise<string[]> {
  // TypeORM's executor asks the DataSource which migrations there are and where it keeps them; only these differ.
  const view = Object.create(dataSource, {
    migrations: { value: migrationsOf[schema].map((Migration) => new Migration()) },
    options: { value: { ...dataSource.options, migrationsTableName: auditMigrationsTable } },
    // What it has to say would be taken for news about the application's migrations; a failure is thrown.
    logger: { value: { logSchemaBuild: () => undefined, logMigration: () => undefined } },
  }) as DataSource;
  const executor = new MigrationExecutor(view, queryRunner);
  executor.transaction = 'all';
  const done = await executor.executePendingMigrations();
  return done.map(({ name }) => name);
}
