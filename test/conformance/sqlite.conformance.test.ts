import { afterAll, expect, test } from 'vitest';
import { allPaths } from './paths/all-paths';
import { SqliteTarget } from './sqlite-target';
import { conformanceSuite } from './suite';

const attached = new SqliteTarget('attach');
const created = new SqliteTarget('createDataSource');

afterAll(() => {
  attached.dispose();
  created.dispose();
});

test('the suite holds the 97 write paths, each once', () => {
  expect(new Set(allPaths.map(({ name }) => name)).size).toBe(97);
  expect(allPaths).toHaveLength(97);
});

conformanceSuite(attached, 'Write paths', allPaths);
conformanceSuite(created, 'Write paths', allPaths);
