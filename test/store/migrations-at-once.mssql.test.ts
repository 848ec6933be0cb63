import { expect, it } from 'vitest';
import { AuditTrail, createDataSource } from '../../src/index';
import { afterTest } from '../support/databases';
import { freshDatabase } from '../support/mssql';
import { Note } from '../support/note';

it('several that start at once in a new database find one another done, and none fails', { timeout: 120_000 }, async () => {
  const url = await freshDatabase();
  const trails = await Promise.all(
    [1, 2, 3].map(async () => {
      const dataSource = createDataSource(url, { entities: [Note], audit: { drain: false } });
      afterTest(() => dataSource.destroy());
      return AuditTrail.attach(dataSource);
    }),
  );
  expect(new Set(trails.map((trail) => trail.describe().logId)).size).toBe(1);
  expect(trails.filter((trail) => trail.describe().migrationsRun.length > 0)).toHaveLength(1);
});
