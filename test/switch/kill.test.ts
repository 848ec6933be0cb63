import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import Database from 'better-sqlite3';
import { expect, it } from 'vitest';
import { switchDatabase } from '../../src/switch/switch-database';
import { audited, temporaryFile } from '../support/databases';
import { Note } from '../support/note';

/** A switch that is killed within a block of 5,000, after so many statements of 8 entries. */
function runKilled(from: string, to: string, statements: number): void {
  const program = resolve('test/switch/fixtures/killed-switch.cjs');
  const { signal, stderr } = spawnSync(process.execPath, [program, from, to, String(statements)], { encoding: 'utf8' });
  expect({ signal, stderr }).toEqual({ signal: 'SIGKILL', stderr: '' });
}

function countEntries(file: string): unknown {
  const database = new Database(file);
  try {
    return database.prepare('SELECT count(*) FROM audit_entry').pluck().get();
  } finally {
    database.close();
  }
}

it(
  'a switch that is killed twice within a block goes on behind the last whole one, and ends with equal logs',
  { timeout: 90_000 },
  async () => {
    const from = `sqlite:${temporaryFile('source.sqlite')}`;
    const file = temporaryFile('target.sqlite');
    const { dataSource, trail } = await audited([Note], { url: from });
    for (let made = 0; made < 20_000; made += 500) {
      await dataSource.getRepository(Note).insert(Array.from({ length: 500 }, () => ({ text: 'note' })));
    }
    await trail.flush();
    await dataSource.destroy();
    runKilled(from, `sqlite:${file}`, 1000);
    expect(countEntries(file)).toBe(5000);
    runKilled(from, `sqlite:${file}`, 900);
    expect(countEntries(file)).toBe(10_000);
    const report = await switchDatabase(from, `sqlite:${file}`);
    expect(report).toMatchObject({ ok: true, copied: 10_000, comparison: { entries: 20_000, onlyFrom: 0, onlyTo: 0 } });
    for (const { from: left, to: right } of report.comparison!.blocks) expect(right).toBe(left);
    const { trail: target } = await audited([Note], { url: `sqlite:${file}` });
    expect(await target.stats()).toMatchObject({
      totalEntries: 20_001,
      entriesByOperation: { insert: 20_000, event: 1 },
    });
  },
);
