import 'reflect-metadata';
import { auditMigrations, auditMigrationsTable } from './migrations';
import { createDataSource } from './src/data-source';

/**
 * DataSource for the TypeORM command line, which runs, shows and reverts the migrations of the audit schema with it:
 * `npm run typeorm -- migration:show`. Importing it opens nothing. An application has a DataSource of its own for its
 * own migrations. Reverting is refused while it would destroy the log; see the option allowLogDestruction.
 */
export default createDataSource(process.env['DATABASE_URL'] ?? 'sqlite:./data/calculations.sqlite', {
  migrations: auditMigrations,
  migrationsTableName: auditMigrationsTable,
  // The command line decides which migrations run.
  audit: { migrate: false },
});
