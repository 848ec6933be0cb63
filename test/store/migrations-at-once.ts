import { expect } from 'vitest';
import { AuditTrail, createDataSource } from '../../src/index';
import { afterTest } from '../support/databases';
import { Note } from '../support/note';

/** Several that start at once on a new database find one another done, and none fails. */
export async function startAtOnce(url: string): Promise<void> {
  const trails = await Promise.all(
    [1, 2, 3].map(async () => {
      const dataSource = createDataSource(url, { entities: [Note], audit: { drain: false } });
      afterTest(() => dataSource.destroy());
      return AuditTrail.attach(dataSource);
    }),
  );
  expect(new Set(trails.map((trail) => trail.describe().logId)).size).toBe(1);
  expect(trails.filter((trail) => trail.describe().migrationsRun.length > 0)).toHaveLength(1);
}
