import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import Database from 'better-sqlite3';
import { expect, it } from 'vitest';
import { switchDatabase } from '../../src/switch/switch-database';
import { audited, temporaryFile } from '../support/databases';
import { Note } from '../support/note';

/** A switch of the tables that is killed within a block of 2,000, after so many rows. */
function runKilled(from: string, to: string, rows: number): void {
  const program = resolve('test/switch/fixtures/killed-switch.cjs');
  const dataSource = resolve('test/cli/fixtures/itself.cjs');
  const options = ['note', '--tables', 'all', '--synchronize', '--data-source', dataSource];
  const { signal, stderr } = spawnSync(process.execPath, [program, from, to, String(rows), ...options], {
    encoding: 'utf8',
  });
  expect({ signal, stderr }).toEqual({ signal: 'SIGKILL', stderr: '' });
}

function rowsOf(file: string): unknown[] {
  const database = new Database(file);
  try {
    return database.prepare('SELECT * FROM note ORDER BY id').raw().all();
  } finally {
    database.close();
  }
}

it('a switch of tables that is killed twice within a block ends with each row once', { timeout: 90_000 }, async () => {
  const [source, target] = [temporaryFile('source.sqlite'), temporaryFile('target.sqlite')];
  const { dataSource, trail } = await audited([Note], { url: `sqlite:${source}` });
  for (let made = 0; made < 9000; made += 500) {
    await dataSource.getRepository(Note).insert(Array.from({ length: 500 }, (_, index) => ({ text: `note ${index}` })));
  }
  await trail.flush();
  await dataSource.destroy();
  runKilled(`sqlite:${source}`, `sqlite:${target}`, 3000);
  expect(rowsOf(target)).toHaveLength(2000);
  runKilled(`sqlite:${source}`, `sqlite:${target}`, 5000);
  expect(rowsOf(target)).toHaveLength(6000);
  const options = { tables: 'all' as const, application: { entities: [Note] } };
  const report = await switchDatabase(`sqlite:${source}`, `sqlite:${target}`, options);
  expect(report).toMatchObject({ ok: true, copied: 0, tables: [{ table: 'note', rows: 9000, copied: 3000 }] });
  expect(rowsOf(target)).toEqual(rowsOf(source));
  const { trail: there } = await audited([Note], { url: `sqlite:${target}` });
  expect(await there.doctor()).toMatchObject({ rows: 9000, differences: [] });
});
