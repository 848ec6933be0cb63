import { afterAll, expect, test } from 'vitest';
import '../support/mssql';
import { ServerTarget } from './mssql-target';
import { insteadOfMerge, serverDifferences, serverPaths } from './paths/server-paths';
import { conformanceSuite } from './suite';

const attached = new ServerTarget('attach');
const created = new ServerTarget('createDataSource');

afterAll(async () => {
  await attached.startAfresh();
  await created.startAfresh();
}, 60_000);

test('the suite holds the 97 write paths, each once', () => {
  process.stdout.write(`not as on SQLite:\n${serverDifferences.map((line) => `- ${line}\n`).join('')}`);
  expect(new Set(serverPaths.map(({ name }) => name)).size).toBe(97);
  expect(serverPaths).toHaveLength(97);
});

conformanceSuite(attached, 'Write paths', [...serverPaths, ...insteadOfMerge]);
conformanceSuite(created, 'Write paths', serverPaths);
