import { expect, test } from 'vitest';
import { afterTest, audited } from '../support/databases';
import { freshDatabase, stockOnServer } from '../support/mssql';
import { Note } from '../support/note';

/** A server may take long to make connections, and for its first statement on each. */
const timeout = 120_000;

test(
  'an entry is never written to again, so that no reader passes by one that has committed',
  { timeout },
  async () => {
    const { dataSource, trail } = await audited([Note], { url: await freshDatabase(), drain: false });
    await dataSource.query(
      `CREATE TRIGGER untouched ON audit_entry AFTER UPDATE, DELETE AS THROW 51000, 'an entry is changed', 1`,
    );
    const texts = Array.from({ length: 100 }, (_, index) => ({ text: `${index}` }));
    await dataSource.getRepository(Note).insert(texts);
    const counts = { totalEntries: 100, entriesByOperation: { insert: 100 } };
    expect(await trail.stats({ fresh: true })).toMatchObject(counts);
    await trail.flush();
    expect(await trail.stats({ fresh: true })).toMatchObject(counts);
    expect(await dataSource.query('SELECT id FROM audit_uncounted')).toEqual([]);
    const [rolledUp] = await dataSource.query<{ entries: string }[]>(
      `SELECT SUM(entries) AS entries FROM audit_rollup WHERE period = 'total'`,
    );
    expect(Number(rolledUp!.entries)).toBe(100);
  },
);

test('figures wait for a roll-up that is at work; entries, and who writes them, do not', { timeout }, async () => {
  const url = await freshDatabase();
  const { dataSource, trail } = await audited([Note], { url, drain: false });
  await dataSource.getRepository(Note).insert({ text: 'one' });
  await trail.dashboard();
  const rollUp = (await stockOnServer([], url)).createQueryRunner();
  afterTest(() => rollUp.release());
  await rollUp.startTransaction();
  await rollUp.query(
    `DECLARE @name nvarchar(60) = CONCAT(N'audit_trail_rollup_', DB_ID());
    EXEC sp_getapplock @Resource = @name, @LockMode = N'Exclusive', @LockOwner = N'Transaction'`,
  );
  const order: string[] = [];
  const figures = trail.dashboard().then(({ totalEntries }) => {
    order.push('figures');
    return totalEntries;
  });
  await dataSource.getRepository(Note).insert({ text: 'two' });
  // Figures that waited for nothing would be there by then.
  for (let turn = 0; turn < 20; turn += 1) expect((await trail.recent()).entries).toHaveLength(2);
  order.push('entries');
  await rollUp.commitTransaction();
  expect(await figures).toBe(2);
  expect(order).toEqual(['entries', 'figures']);
});
