import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import { switchDatabase } from '../../src/switch/switch-database';
import { audited, temporaryFile } from '../support/databases';
import { freshDatabase } from '../support/mssql';
import { Note } from '../support/note';

/** A switch that is killed while it writes the block behind so many entries. */
async function runKilled(from: string, to: string, entries: number): Promise<void> {
  const program = resolve('test/switch/fixtures/killed-soon.cjs');
  const child = spawn(process.execPath, [program, from, to, String(entries)], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const [, signal] = (await once(child, 'exit')) as [number | null, string | null];
  expect(signal).toBe('SIGKILL');
}

it('a switch to a server that is killed goes on behind the last whole block', { timeout: 180_000 }, async () => {
  const from = `sqlite:${temporaryFile('source.sqlite')}`;
  const { dataSource, trail } = await audited([Note], { url: from });
  for (let made = 0; made < 15_000; made += 500) {
    await dataSource.getRepository(Note).insert(Array.from({ length: 500 }, () => ({ text: 'note' })));
  }
  await trail.flush();
  await dataSource.destroy();
  const to = await freshDatabase();
  await runKilled(from, to, 5_000);
  const report = await switchDatabase(from, to);
  expect(report).toMatchObject({ ok: true, comparison: { entries: 15_000, onlyFrom: 0, onlyTo: 0 } });
  expect(report.copied).toBeLessThanOrEqual(10_000);
  for (const { from: left, to: right } of report.comparison!.blocks) expect(right).toBe(left);
  const { trail: target } = await audited([Note], { url: to });
  expect(await target.stats()).toMatchObject({
    totalEntries: 15_001,
    entriesByOperation: { insert: 15_000, event: 1 },
  });
});
