import { rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { DatabaseFullError } from '../../src/index';
import { afterTest, audited } from '../support/databases';
import { Note } from '../support/note';

/** As of `mount -t tmpfs -o size=8m none <folder>`, which only root can do. */
const folder = process.env['TEST_SMALL_FILE_SYSTEM'];
const mostBytes = 64e6;

it('a file system that is really full fails changes and drains, and loses, invents and halves nothing', async (ctx) => {
  if (folder === undefined)
    return ctx.skip('no small file system: mount one, set TEST_SMALL_FILE_SYSTEM to its folder');
  const { bavail, bsize } = statfsSync(folder);
  if (bavail * bsize > mostBytes) return ctx.skip(`${folder} has more than ${mostBytes} bytes left`);
  const files = ['full.sqlite', 'full.sqlite-wal', 'full.sqlite-shm', 'ballast'].map((name) => join(folder, name));
  const [file, , , ballast] = files as [string, string, string, string];
  afterTest(() => files.forEach((path) => rmSync(path, { force: true })));
  writeFileSync(ballast, Buffer.alloc((bavail * bsize) / 2, 1));
  const { dataSource, trail } = await audited([Note], {
    url: `sqlite:${file}`,
    onWarning: () => undefined,
    drain: false,
  });
  const notes = dataSource.getRepository(Note);
  const failures = { change: 0, transaction: 0, schema: 0, flush: 0 };
  const attempt = (kind: keyof typeof failures, work: Promise<unknown>) =>
    work.catch((error: unknown) => {
      expect(error).toBeInstanceOf(DatabaseFullError);
      failures[kind] += 1;
    });
  let tables = 0;
  // Nothing is drained meanwhile, so that there is something to drain when there is no room left.
  while (failures.change < 3 || failures.transaction < 3 || failures.schema < 3) {
    await attempt('change', notes.insert({ text: 'x'.repeat(20_000) }));
    await attempt(
      'transaction',
      dataSource.transaction(async (manager) => {
        for (const text of ['first', 'second', 'third']) await manager.insert(Note, { text: text.repeat(5_000) });
      }),
    );
    // The statement that ends the schema change has to put the triggers back.
    await attempt('schema', dataSource.query(`CREATE TABLE t${(tables += 1)} AS SELECT zeroblob(30000) AS filling`));
  }
  while (failures.flush < 3) await attempt('flush', trail.flush());
  rmSync(ballast);
  await notes.insert({ text: 'after' });
  await notes.update({ text: 'after' }, { text: 'changed' });
  expect(await trail.doctor()).toMatchObject({ differences: [] });
  const { totalEntries } = await trail.stats({ fresh: true });
  expect(totalEntries).toBe((await notes.count()) + 1);
});
