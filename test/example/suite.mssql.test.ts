import { describe, expect, test, vi } from 'vitest';
import { useServer } from '../support/any-database';
import { freshDatabase, makeDatabase } from '../support/mssql';
import { ExampleProcess, workingDirectory } from './example-process';

vi.setConfig({ hookTimeout: 120_000, testTimeout: 120_000 });
useServer(makeDatabase);
// The same tests as on SQLite.
describe('the API', (() => import('./api.test.js')) as unknown as () => void);

const audit = '/api/calculations/audit';

test('another DATABASE_URL is all that it takes', async () => {
  const env = { DATABASE_URL: await freshDatabase() };
  const directory = await workingDirectory();
  const first = ExampleProcess.run(directory, env);
  await first.address();
  expect(first.stdout).toMatch(/application: CreateCalculations\d+, SeedSystemCalculations\d+/);
  expect(first.stdout).toMatch(/audit trail: AuditSchema\d+/);
  expect(first.stdout).toMatch(/captured\s+system_calculation, user_calculation, user_calculation_uses/);
  const { protocol, password } = new URL(env.DATABASE_URL);
  expect(protocol).toBe('mssql:');
  expect(first.stdout).not.toContain(password);
  const body = { name: 'net', formula: 'net * (1 + vat_rate)', inputs: { net: 100 } };
  const made = await first.ask<{ id: number; result: number }>('analyst-demo-key', 'POST /api/calculations', body);
  expect(made.result).toBe(120);
  expect(await first.ask('reviewer-demo-key', `GET ${audit}/stats`)).toMatchObject({
    database_type: 'sql_server_optimized',
    deferred_mode: false,
    total_entries: 5,
  });
  expect(await first.stop('SIGTERM')).toBe(0);
  expect(first.stderr).toBe('');

  const second = ExampleProcess.run(directory, env);
  await second.address();
  expect(second.stdout).toMatch(/application: none due/);
  expect(second.stdout).toMatch(/audit trail: none due/);
  const page = await second.ask<{ entries: object[] }>('reviewer-demo-key', `GET ${audit}/recent?fresh=true`);
  expect(page.entries).toHaveLength(5);
  expect(await second.stop('SIGINT')).toBe(0);
});
