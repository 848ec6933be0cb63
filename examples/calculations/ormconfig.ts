import { defaultDatabaseUrl } from './config';
import { createCalculationsDataSource } from './data-source';

/**
 * For command lines: `npx typeorm migration:show -d dist/examples/calculations/ormconfig.js`, and audit-trail with
 * `--data-source`. It has the audit options of the application, so that a command finds the log where that has it.
 */
export const dataSource = createCalculationsDataSource(
  process.env.DATABASE_URL ?? defaultDatabaseUrl,
  process.env.AUDIT_DATABASE_URL,
);
