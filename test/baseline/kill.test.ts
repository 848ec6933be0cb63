import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import { readColumnMaps } from '../conformance/read-column-maps';
import { readEntries } from '../../src/testing/read-trail';
import { audited } from '../support/databases';
import { Item } from './entities';
import { behindTheBack, fillItems, oldDatabase } from './fill';

/** A baseline in a process of its own that is killed within a chunk, after so many statements of 50 entries. */
function runKilled(file: string, statements: number): void {
  const program = resolve('test/baseline/fixtures/killed-baseline.cjs');
  const { signal, stderr } = spawnSync(process.execPath, [program, file, String(statements)], { encoding: 'utf8' });
  expect({ signal, stderr }).toEqual({ signal: 'SIGKILL', stderr: '' });
}

const countEntries = (file: string) =>
  behindTheBack(file, (database) => database.prepare('SELECT count(*) FROM audit_entry').pluck().get());

it('a baseline that is killed in the middle of a chunk goes on behind the last whole one, and writes nothing twice', async () => {
  const file = await oldDatabase([Item], (database) => fillItems(database, 20_000));
  runKilled(file, 150);
  expect(countEntries(file)).toBe(7000);
  runKilled(file, 75);
  expect(countEntries(file)).toBe(10_000);
  const { trail } = await audited([Item], { url: `sqlite:${file}` });
  expect(await trail.baseline()).toMatchObject({ rows: 20_000, recorded: 10_000 });
  const entries = await readEntries(trail, readColumnMaps(file), 0);
  expect(entries.map(({ entityId }) => Number(entityId))).toEqual(
    Array.from({ length: 20_000 }, (_, index) => index + 1),
  );
  expect(await trail.stats()).toMatchObject({ entriesByOperation: { baseline: 20_000 } });
  expect(await trail.doctor()).toMatchObject({ differences: [] });
});
