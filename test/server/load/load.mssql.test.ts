import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { afterTest } from '../../support/databases';
// Skips without a server, and reads what is sent to it.
import '../../support/mssql';
import { OwnDatabase } from './database';
import { runLoad } from './run-load';

/** The short form of `npm run test:server`. */
test.each([
  ['some of which end in a deadlock', 0],
  ['whose connections the server kills', 1500],
])('writers on one pool, %s, lose, invent and double nothing', { timeout: 240_000 }, async (_what, killEveryMs) => {
  const folder = mkdtempSync(join(tmpdir(), 'audit-trail-server-'));
  afterTest(() => rmSync(folder, { recursive: true }));
  const database = await OwnDatabase.create(process.env['TEST_MSSQL_URL']!);
  afterTest(() => database.drop());
  const { problems, report } = await runLoad(database, {
    folder,
    seconds: 4,
    seed: 1,
    writers: 12,
    connections: 4,
    killEveryMs,
  });
  expect(problems).toEqual([]);
  expect([...report.operations.values()].reduce((total, count) => total + count, 0)).toBeGreaterThan(10);
});
