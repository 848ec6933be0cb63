import type { DataSource } from 'typeorm';
import { describe, expect, it } from 'vitest';
import { type AuditTrail, auditContext, LogConflictError } from '../../src/index';
import { sameEntry } from '../../src/model/portable-entry';
import { audited } from '../support/databases';
import { digestOf, engineOf, importInto, readLog } from '../support/logs';
import { Note } from '../support/note';

/** Inserts, an update, a key that changes, a delete and an event, some under a context. */
async function someChanges({ dataSource, trail }: { dataSource: DataSource; trail: AuditTrail }): Promise<void> {
  const notes = dataSource.getRepository(Note);
  await auditContext.run({ actor: 'ann', reason: 'first', metadata: { ticket: 7 } }, async () => {
    for (let index = 1; index <= 20; index += 1) await notes.save({ text: `note ${index} äöü "quoted"` });
    await notes.update(3, { text: 'changed' });
    await trail.record({ name: 'closed', data: { year: 2026 }, entity: 'Note', entityId: '3' });
  });
  await dataSource.query('UPDATE note SET id = 300 WHERE id = 3');
  await notes.delete(5);
  await trail.flush();
}

describe('entries of another database', () => {
  it('say the same in the log that takes them, in the same order and under the same numbers', async () => {
    const source = await audited([Note]);
    const target = await audited([Note]);
    await someChanges(source);
    const entries = await readLog(source.dataSource);
    expect(importInto(target.dataSource, entries, 'keep')).toEqual({ imported: entries.length, known: 0 });
    const taken = await readLog(target.dataSource);
    expect(taken).toEqual(entries);
    expect(digestOf(taken)).toBe(digestOf(entries));
    const [first] = (await source.trail.recent({ limit: 100 })).entries;
    const [same] = (await target.trail.recent({ limit: 100 })).entries;
    expect(same).toEqual(first);
    const [history, theSame] = await Promise.all([source, target].map(({ trail }) => trail.history(Note, 300)));
    expect(history!.entries).toHaveLength(4);
    expect(theSame!.entries).toEqual(history!.entries);
  });

  it('are counted as those that were made here, and found by time', async () => {
    const source = await audited([Note]);
    const target = await audited([Note]);
    await someChanges(source);
    importInto(target.dataSource, await readLog(source.dataSource), 'keep');
    const [there, here] = await Promise.all([source.trail.stats(), target.trail.stats()]);
    expect(here.totalEntries).toBe(there.totalEntries);
    expect(here.entriesByOperation).toEqual(there.entriesByOperation);
    const rollups = 'SELECT * FROM audit_rollup ORDER BY period, bucket, entity, operation, actor';
    expect(await target.dataSource.query(rollups)).toEqual(await source.dataSource.query(rollups));
  });

  it('are taken once, however often they come', async () => {
    const source = await audited([Note]);
    const target = await audited([Note]);
    await someChanges(source);
    const entries = await readLog(source.dataSource);
    importInto(target.dataSource, entries.slice(0, 10), 'keep');
    expect(importInto(target.dataSource, entries, 'keep')).toEqual({ imported: entries.length - 10, known: 10 });
    expect(importInto(target.dataSource, entries, 'append')).toEqual({ imported: 0, known: entries.length });
    expect(digestOf(await readLog(target.dataSource))).toBe(digestOf(entries));
  });

  it('are refused, and none of their block taken, where one is there with another content', async () => {
    const source = await audited([Note]);
    const target = await audited([Note]);
    await someChanges(source);
    const entries = await readLog(source.dataSource);
    importInto(target.dataSource, entries.slice(0, 5), 'keep');
    const altered = entries.map((entry) => (entry.seq === 2 ? { ...entry, recordedAt: entry.recordedAt + 1 } : entry));
    expect(() => importInto(target.dataSource, altered, 'keep')).toThrow(LogConflictError);
    expect(await readLog(target.dataSource)).toHaveLength(5);
  });

  it('come behind what is there, and later entries behind them', async () => {
    const source = await audited([Note]);
    const target = await audited([Note]);
    await someChanges(source);
    await someChanges(target);
    const own = await readLog(target.dataSource);
    const entries = await readLog(source.dataSource);
    importInto(target.dataSource, entries, 'keep');
    await target.dataSource.getRepository(Note).save({ text: 'later' });
    await target.trail.flush();
    const all = await readLog(target.dataSource);
    expect(digestOf(all.slice(0, own.length))).toBe(digestOf(own));
    expect(digestOf(all.slice(own.length, -1))).toBe(digestOf(entries));
    const ids = all.map(({ id }) => id);
    expect(ids).toEqual([...ids].sort((a, b) => a - b));
    expect(all.at(-1)).toMatchObject({ logId: target.trail.describe().logId, operation: 'insert' });
  });

  it('that were made here are known when they come home', async () => {
    const source = await audited([Note]);
    const elsewhere = await audited([Note]);
    await someChanges(source);
    const entries = await readLog(source.dataSource);
    importInto(elsewhere.dataSource, entries, 'keep');
    await elsewhere.trail.record({ name: 'moved' });
    await elsewhere.trail.flush();
    const home = await readLog(elsewhere.dataSource);
    expect(importInto(source.dataSource, home, 'keep')).toEqual({ imported: 1, known: entries.length });
    expect(digestOf(await readLog(source.dataSource))).toBe(digestOf(home));
    // What is made here now can't have the number of one that came from elsewhere.
    await source.trail.record({ name: 'home again' });
    await source.trail.flush();
    const identities = (await readLog(source.dataSource)).map(({ logId, seq }) => `${logId}/${seq}`);
    expect(new Set(identities).size).toBe(identities.length);
  });

  it('are read in blocks of about so many bytes, at least one entry each', async () => {
    const source = await audited([Note]);
    await someChanges(source);
    const entries = await readLog(source.dataSource);
    expect(await readLog(source.dataSource, { entries: 3, bytes: Infinity })).toEqual(entries);
    expect(await readLog(source.dataSource, { entries: 100, bytes: 1 })).toEqual(entries);
    expect(engineOf(source.dataSource).inTransaction).toBe(false);
  });

  it.each([
    { transactionId: 'x' },
    { entity: 'x' },
    { table: 'x' },
    { entityId: 'x' },
    { entityId: null },
    { operation: 'update' },
    { before: '{}' },
    { after: '{}' },
    { fields: '[]' },
    { movedFrom: 'x' },
    { recordedAt: 1 },
    { context: null },
    { context: { actor: 'ann', reason: 'other', correlationId: null, source: 'orm', metadata: null } },
    { map: null },
    { seq: 1_000 },
    { logId: 'x' },
  ])('differ where they say %o', async (other) => {
    const source = await audited([Note]);
    await someChanges(source);
    const [entry] = await readLog(source.dataSource);
    expect(sameEntry(entry!, { ...entry!, id: 99 })).toBe(true);
    expect(sameEntry(entry!, { ...entry!, ...other })).toBe(false);
  });
});
