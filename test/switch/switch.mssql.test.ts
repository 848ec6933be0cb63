import { describe, expect, it } from 'vitest';
import { auditContext } from '../../src/index';
import { switchDatabase } from '../../src/switch/switch-database';
import { audited, temporaryFile } from '../support/databases';
import { digestOf, readLog } from '../support/logs';
import { freshDatabase, stockOnServer } from '../support/mssql';
import { Note } from '../support/note';

async function fileWithLog(inserts: number): Promise<string> {
  const url = `sqlite:${temporaryFile('source.sqlite')}`;
  const { dataSource, trail } = await audited([Note], { url });
  const notes = dataSource.getRepository(Note);
  await auditContext.run({ actor: 'ann', reason: 'first', metadata: { ticket: 7 } }, async () => {
    const texts = Array.from({ length: inserts }, (_, index) => ({ text: `note ${index} äöü "quoted"` }));
    while (texts.length > 0) await notes.insert(texts.splice(0, 500));
    await notes.update(3, { text: 'changed' });
  });
  await notes.delete(5);
  await trail.flush();
  await dataSource.destroy();
  return url;
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

describe('switching to a server and back', () => {
  it('gives the first log again, with what was made there behind it', { timeout: 90_000 }, async () => {
    const source = await fileWithLog(30);
    const server = await freshDatabase();
    const back = `sqlite:${temporaryFile('back.sqlite')}`;
    const there = await switchDatabase(source, server, { context: { actor: 'dba' } });
    expect(there).toMatchObject({ ok: true, copied: 32, comparison: { entries: 32, difference: null, onlyTo: 0 } });

    const made = await audited([Note], { url: server });
    const first = await logOf(source);
    const history = await made.trail.history(Note, 3);
    expect(history.entries.map(({ logId, seq, operation }) => ({ logId, seq, operation }))).toEqual([
      { logId: first[0]!.logId, seq: 31, operation: 'update' },
      { logId: first[0]!.logId, seq: 3, operation: 'insert' },
    ]);
    const note = await made.dataSource.getRepository(Note).save({ text: 'made there' });
    expect(note.id).toBe(1);
    expect(await made.trail.stats()).toMatchObject({ totalEntries: 34 });
    await made.dataSource.destroy();

    expect(await switchDatabase(server, back)).toMatchObject({ ok: true, copied: 34 });
    const last = await logOf(back);
    expect(digestOf(last.slice(0, first.length))).toBe(digestOf(first));
    expect(digestOf(first)).toBe(there.comparison!.digest);
    expect(last.slice(first.length).map(({ operation }) => operation)).toEqual(['event', 'insert', 'event']);
    expect(last.at(-2)).toMatchObject({ after: expect.stringContaining('"text":"made there"') as string });
  });

  it('goes on where it was broken off', async () => {
    const source = await fileWithLog(6_000);
    const server = await freshDatabase();
    const breakOff = () => {
      throw new Error('enough');
    };
    await expect(switchDatabase(source, server, { onProgress: breakOff })).rejects.toThrow('enough');
    expect(await switchDatabase(source, server)).toMatchObject({
      ok: true,
      copied: 1_002,
      comparison: { entries: 6_002, difference: null, onlyFrom: 0, onlyTo: 0 },
    });
  });

  it('refuses while somebody is connected to the server', async () => {
    const source = await fileWithLog(5);
    const server = await freshDatabase();
    const application = await stockOnServer([], server);
    const report = await switchDatabase(source, server);
    expect(failed(report.steps)).toEqual(['to alone']);
    await application.destroy();
  });

  it('finds keys that are too long for the server before it copies anything', async () => {
    const url = `sqlite:${temporaryFile('source.sqlite')}`;
    const { dataSource, trail } = await audited([Note], { url });
    await trail.record({ name: 'long', entity: 'Note', entityId: 'ü'.repeat(561) });
    await trail.record({ name: 'fits', entity: 'Note', entityId: 'ü'.repeat(560) });
    await trail.flush();
    await dataSource.destroy();
    const report = await switchDatabase(url, await freshDatabase(), { dryRun: true });
    expect(failed(report.steps)).toEqual(['lengths']);
    expect(report.steps.find(({ name }) => name === 'lengths')!.detail).toMatch(/: 1\.$/);
  });

  it("looks at the application's tables for what the server would refuse", async () => {
    const url = `sqlite:${temporaryFile('source.sqlite')}`;
    const { dataSource } = await audited([Note], { url });
    await dataSource.getRepository(Note).insert([{ text: 'fits' }, { text: 'ü'.repeat(256) }]);
    await dataSource.destroy();
    const report = await switchDatabase(url, await freshDatabase(), {
      dryRun: true,
      application: { entities: [Note] },
    });
    expect(failed(report.steps)).toEqual(['data']);
    expect(report.steps.at(-1)!.detail).toBe('note: text holds longer than 255 characters, of the row 2.');
  });
});
