import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { DataSource } from 'typeorm';
import { expect, it } from 'vitest';
import { switchDatabase } from '../../src/switch/switch-database';
import { audited, temporaryFile } from '../support/databases';
import { freshDatabase, serverOptions } from '../support/mssql';
import { Note } from '../support/note';

/** A switch of tables that is killed while it writes the block behind so many rows. */
async function runKilled(from: string, to: string, rows: number): Promise<void> {
  const program = resolve('test/switch/fixtures/killed-soon-tables.cjs');
  const child = spawn(process.execPath, [program, from, to, String(rows)], { stdio: ['ignore', 'inherit', 'inherit'] });
  const [, signal] = (await once(child, 'exit')) as [number | null, string | null];
  expect(signal).toBe('SIGKILL');
}

it('a switch of tables to a server that is killed ends with each row once', { timeout: 180_000 }, async () => {
  const from = `sqlite:${temporaryFile('source.sqlite')}`;
  const { dataSource, trail } = await audited([Note], { url: from });
  for (let made = 0; made < 7000; made += 500) {
    await dataSource.getRepository(Note).insert(Array.from({ length: 500 }, (_, index) => ({ text: `note ${index}` })));
  }
  await trail.flush();
  const rows = await dataSource.query<unknown[]>('SELECT id, text FROM note ORDER BY id');
  await dataSource.destroy();
  const to = await freshDatabase();
  await runKilled(from, to, 2000);
  const report = await switchDatabase(from, to, { tables: 'all', application: { entities: [Note] } });
  expect(report).toMatchObject({ ok: true, copied: 0, tables: [{ table: 'note', rows: 7000 }] });
  expect(report.tables[0]!.copied).toBeLessThanOrEqual(5000);
  const target = await new DataSource(serverOptions(to)).initialize();
  expect(await target.query('SELECT id, text FROM note ORDER BY id')).toEqual(rows);
  await target.destroy();
});
