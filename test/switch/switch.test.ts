import { existsSync, readFileSync } from 'node:fs';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { auditContext, SwitchDiffersError } from '../../src/index';
import { switchDatabase } from '../../src/switch/switch-database';
import { audited, temporaryFile } from '../support/databases';
import { lockedBy } from '../support/foreign-lock';
import { digestOf, readLog } from '../support/logs';
import { Note } from '../support/note';
import { behind } from './behind';

interface Made {
  file: string;
  url: string;
}

/** A closed database file with a log of so many inserts and a few other changes, the last of them in its outbox. */
async function fileWithLog(inserts = 30): Promise<Made> {
  const file = temporaryFile('source.sqlite');
  const url = `sqlite:${file}`;
  const { dataSource, trail } = await audited([Note], { url, drain: false });
  const notes = dataSource.getRepository(Note);
  await auditContext.run({ actor: 'ann', reason: 'first' }, async () => {
    const texts = Array.from({ length: inserts }, (_, index) => ({ text: `note ${index}` }));
    while (texts.length > 0) await notes.insert(texts.splice(0, 500));
    await notes.update(3, { text: 'changed' });
  });
  await trail.baseline();
  await trail.flush();
  await notes.delete(5);
  await trail.close({ drainTimeoutMs: 0 });
  await dataSource.destroy();
  return { file, url };
}

async function logOf(url: string) {
  const { dataSource, trail } = await audited([Note], { url, readers: false });
  await trail.flush();
  const entries = await readLog(dataSource);
  await dataSource.destroy();
  return entries;
}

const failed = (steps: readonly { name: string; status: string }[]) =>
  steps.filter(({ status }) => status === 'failed').map(({ name }) => name);

describe('switching to another database', () => {
  it('moves the log, what waits in the outbox included, and says that it is the same', async () => {
    const source = await fileWithLog();
    const target = `sqlite:${temporaryFile('target.sqlite')}`;
    const rows = behind(source.file, (database) => database.prepare('SELECT * FROM note').all());
    const report = await switchDatabase(source.url, target, { context: { actor: 'dba', reason: 'moving house' } });
    expect(report).toMatchObject({ ok: true, drained: 1, copied: 32 });
    expect(report.comparison).toMatchObject({ entries: 32, difference: null, onlyFrom: 0, onlyTo: 0 });
    const [before, after] = [await logOf(source.url), await logOf(target)];
    expect(digestOf(after.slice(0, -1))).toBe(digestOf(before));
    expect(report.comparison!.digest).toBe(digestOf(before));
    expect(after.at(-1)).toMatchObject({ operation: 'event', context: { actor: 'dba', reason: 'moving house' } });
    expect(JSON.parse(after.at(-1)!.after!)).toEqual({
      name: 'audit-trail switch',
      data: { from: before[0]!.logId, entries: 32, digest: digestOf(before) },
    });
    expect(behind(source.file, (database) => database.prepare('SELECT * FROM note').all())).toEqual(rows);
  });

  it('and back into an empty file gives the first log, and what was made meanwhile behind it', async () => {
    const source = await fileWithLog();
    const target = `sqlite:${temporaryFile('target.sqlite')}`;
    const back = `sqlite:${temporaryFile('back.sqlite')}`;
    await switchDatabase(source.url, target);
    const made = await audited([Note], { url: target });
    await made.dataSource.getRepository(Note).save({ text: 'made there' });
    await made.dataSource.destroy();
    expect(await switchDatabase(target, back)).toMatchObject({ ok: true, copied: 34 });
    const [before, after] = [await logOf(source.url), await logOf(back)];
    expect(digestOf(after.slice(0, before.length))).toBe(digestOf(before));
    expect(after.slice(before.length).map(({ operation }) => operation)).toEqual(['event', 'insert', 'event']);
    expect(new Set(after.map(({ logId, seq }) => `${logId}/${seq}`)).size).toBe(after.length);
  });

  it('and back into the first file knows the entries that are there', async () => {
    const source = await fileWithLog();
    const target = `sqlite:${temporaryFile('target.sqlite')}`;
    await switchDatabase(source.url, target);
    expect(await switchDatabase(target, source.url)).toMatchObject({ ok: true, comparison: { entries: 33 } });
    const entries = await logOf(source.url);
    expect(entries).toHaveLength(34);
    // Once more the other way.
    expect(await switchDatabase(source.url, target)).toMatchObject({ ok: true, comparison: { entries: 34 } });
  });

  it('keeps the history of rows readable, and their baseline known', async () => {
    const source = await fileWithLog();
    const target = `sqlite:${temporaryFile('target.sqlite')}`;
    await switchDatabase(source.url, target);
    const here = await audited([Note], { url: source.url });
    const there = await audited([Note], { url: target });
    const [was, is] = await Promise.all([here, there].map(({ trail }) => trail.history(Note, 3)));
    expect(is!.entries).toEqual(was!.entries);
    const before = { beforeEntry: was!.entries[0]!.id };
    expect(await there.trail.asOf(Note, 3, before)).toEqual(await here.trail.asOf(Note, 3, before));
    const names = 'SELECT name FROM audit_meta WHERE name LIKE ?';
    expect(await there.dataSource.query(names, ['baseline:%'])).toEqual(
      await here.dataSource.query(names, ['baseline:%']),
    );
    expect(await there.dataSource.query(names, ['switch:%'])).toEqual([]);
  });

  it('goes on where it was broken off', async () => {
    const source = await fileWithLog(12_000);
    const target = `sqlite:${temporaryFile('target.sqlite')}`;
    const breakOff = () => {
      throw new Error('enough');
    };
    await expect(switchDatabase(source.url, target, { onProgress: breakOff })).rejects.toThrow('enough');
    const report = await switchDatabase(source.url, target);
    expect(report.ok).toBe(true);
    expect(report.copied).toBe(12_002 - 5000);
    expect(report.comparison).toMatchObject({ entries: 12_002, blocks: [{ entries: 10_000 }, { entries: 2002 }] });
    for (const { from, to } of report.comparison!.blocks) expect(to).toBe(from);
  });

  it('finds an entry that was altered in the target', async () => {
    const source = await fileWithLog(12_000);
    const file = temporaryFile('target.sqlite');
    const breakOff = () => {
      throw new Error('enough');
    };
    await expect(switchDatabase(source.url, `sqlite:${file}`, { onProgress: breakOff })).rejects.toThrow('enough');
    behind(file, (database) => database.prepare(`UPDATE audit_entry SET transaction_id = 'x' WHERE id = 77`).run());
    await expect(switchDatabase(source.url, `sqlite:${file}`)).rejects.toThrow(SwitchDiffersError);
  });

  it('compares what was moved at any time, and says what was made there since', async () => {
    const source = await fileWithLog();
    const file = temporaryFile('target.sqlite');
    await switchDatabase(source.url, `sqlite:${file}`);
    const same = await switchDatabase(source.url, `sqlite:${file}`, { verify: true });
    expect(same).toMatchObject({ ok: true, copied: 0, comparison: { entries: 32, onlyTo: 1, onlyFrom: 0 } });
    behind(file, (database) => database.prepare(`UPDATE audit_entry SET after_image = '{}' WHERE id = 7`).run());
    const other = await switchDatabase(source.url, `sqlite:${file}`, { verify: true });
    expect(other.ok).toBe(false);
    expect(other.comparison!.difference).toContain('entry 7 ');
    expect(other.comparison!.blocks[0]!.from).not.toBe(other.comparison!.blocks[0]!.to);
  });
});

it('a comparison copies nothing, whatever the target is', async () => {
  const source = await fileWithLog();
  const empty = temporaryFile('target.sqlite');
  expect(await switchDatabase(source.url, `sqlite:${empty}`, { verify: true })).toMatchObject({ ok: false, copied: 0 });
  expect(existsSync(empty)).toBe(false);
  const other = await fileWithLog();
  expect(await switchDatabase(source.url, other.url, { verify: true })).toMatchObject({ ok: false, copied: 0 });
});

describe('the preflight of a switch', () => {
  it('says that nothing stands in the way, and leaves nothing behind', async () => {
    const source = await fileWithLog();
    const bytes = readFileSync(source.file);
    const target = temporaryFile('target.sqlite');
    const report = await switchDatabase(source.url, `sqlite:${target}`, { dryRun: true });
    expect(failed(report.steps)).toEqual([]);
    expect(report).toMatchObject({ ok: true, copied: 0, drained: 0 });
    expect(existsSync(target)).toBe(false);
    expect(readFileSync(source.file)).toEqual(bytes);
  });

  it('refuses while somebody has the source open, also one who does nothing', async () => {
    const source = await fileWithLog();
    const idle = new Database(source.file);
    idle.prepare('SELECT count(*) FROM note').get();
    const target = temporaryFile('target.sqlite');
    const report = await switchDatabase(source.url, `sqlite:${target}`);
    expect(report.ok).toBe(false);
    expect(failed(report.steps)).toEqual(['from alone']);
    idle.close();
    expect(existsSync(target)).toBe(false);
  });

  it('refuses while another process has the target open', async () => {
    const source = await fileWithLog();
    const target = await fileWithLog();
    const lock = await lockedBy(target.file);
    expect(failed((await switchDatabase(source.url, target.url, { dryRun: true })).steps)).toContain('to alone');
    await lock.letGo();
  });

  it('lists the faults of both sides at once', async () => {
    const report = await switchDatabase('sqlite:/nowhere/a.sqlite', 'sqlite:/nowhere/b.sqlite', { dryRun: true });
    expect(failed(report.steps)).toEqual(expect.arrayContaining(['from file', 'from wal', 'to wal']));
    for (const { status, remedy } of report.steps) expect(remedy === null).toBe(status !== 'failed');
  });

  it('refuses a source without a trail, the same database twice, and one in memory', async () => {
    const file = temporaryFile('plain.sqlite');
    behind(file, (database) => database.exec('CREATE TABLE note (id INTEGER PRIMARY KEY)'));
    const target = `sqlite:${temporaryFile('target.sqlite')}`;
    expect(failed((await switchDatabase(`sqlite:${file}`, target)).steps)).toEqual(['from log']);
    expect(failed((await switchDatabase(target, target)).steps)).toEqual(['to']);
    expect(failed((await switchDatabase('sqlite::memory:', target)).steps)).toEqual(['from']);
  });

  it('refuses a target with entries that the source does not have, or has otherwise', async () => {
    const [source, other] = [await fileWithLog(), await fileWithLog()];
    expect(failed((await switchDatabase(source.url, other.url)).steps)).toEqual(['to log']);
    const file = temporaryFile('target.sqlite');
    await switchDatabase(source.url, `sqlite:${file}`);
    expect(failed((await switchDatabase(source.url, `sqlite:${file}`)).steps)).toEqual(['to log']);
  });

  it('tells of records that stay behind because they can not be read', async () => {
    const source = await fileWithLog();
    behind(source.file, (database) => {
      database.prepare(`INSERT INTO audit_quarantine (reason, outbox_id) VALUES ('broken', 1)`).run();
    });
    const report = await switchDatabase(source.url, `sqlite:${temporaryFile('target.sqlite')}`, { dryRun: true });
    const step = report.steps.find(({ name }) => name === 'from log');
    expect(step).toMatchObject({ status: 'warning', detail: expect.stringContaining('1 records') as string });
  });

  it('asks for the audit tables of an earlier version to be brought up to date', async () => {
    const source = await fileWithLog();
    behind(source.file, (database) => {
      database.exec(
        'DROP INDEX audit_entry_moved_to; DROP INDEX audit_entry_moved_from; ALTER TABLE audit_entry DROP COLUMN moved_from',
      );
    });
    const report = await switchDatabase(source.url, `sqlite:${temporaryFile('target.sqlite')}`);
    expect(failed(report.steps)).toEqual(['from log']);
  });
});
