import { defineConfig, mergeConfig } from 'vitest/config';
import { sharedConfig } from './vitest.shared.mjs';

// Skipped tests would make a run that was asked for by name look good.
if (!process.env.TEST_MSSQL_URL) {
  throw new Error(
    'Set TEST_MSSQL_URL to a server whose user may create databases: mssql://sa:password@127.0.0.1:1433/master?trustServerCertificate=true',
  );
}

/** The tests that need SQL Server, alone; `npm test` has them among all others, and skips them without a server. */
export default mergeConfig(sharedConfig('mssql'), defineConfig({ test: { include: ['test/**/*.mssql.test.ts'] } }));
