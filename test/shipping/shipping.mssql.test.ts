import { describe, expect, it } from 'vitest';
import { auditContext } from '../../src/index';
import { audited, temporaryFile } from '../support/databases';
import { freshDatabase } from '../support/mssql';
import { Note } from '../support/note';
import { severableProxy } from '../support/severable-proxy';

describe('a separate audit database on a server', () => {
  it.each([
    ['SQLite', () => Promise.resolve(`sqlite:${temporaryFile()}`)],
    ['a server', freshDatabase],
  ])('has every entry of an application on %s, which keeps none', { timeout: 120_000 }, async (_, databaseUrl) => {
    const proxy = await severableProxy(await freshDatabase());
    const { dataSource, trail } = await audited([Note], { url: await databaseUrl(), auditDatabase: proxy.url });
    const notes = dataSource.getRepository(Note);
    const { id } = await auditContext.run({ actor: 'ann', reason: 'first' }, () => notes.save({ text: 'one' }));
    await notes.update(id, { text: 'two' });
    expect(await trail.stats()).toMatchObject({ pendingCount: 2, deferredMode: true, totalEntries: 0 });
    expect(await trail.flush()).toMatchObject({ flushed: 2, pendingCount: 0 });
    const { entries } = await trail.recent();
    expect(entries).toMatchObject([
      { operation: 'update', seq: 2, before: { text: 'one' }, after: { text: 'two' } },
      { operation: 'insert', seq: 1, actor: 'ann', reason: 'first', after: { text: 'one' } },
    ]);
    expect(await trail.stats()).toMatchObject({
      pendingCount: 0,
      totalEntries: 2,
      entriesByOperation: { insert: 1, update: 1 },
      auditDatabase: { databaseType: 'sql_server_optimized', reachable: true, lagMs: 0, lastError: null },
    });
    for (const table of ['audit_entry', 'audit_context', 'audit_rollup']) {
      expect(await dataSource.query(`SELECT count(*) AS n FROM ${table}`)).toEqual([{ n: 0 }]);
    }
    expect(await trail.history(Note, id)).toMatchObject({ entries: [{ seq: 2 }, { seq: 1 }] });
    expect(await trail.asOf(Note, id, { beforeEntry: entries[0]!.id })).toMatchObject({ image: { text: 'one' } });
  });

  it(
    'has what two processes on one database record once and in order, late commits included',
    { timeout: 120_000 },
    async () => {
      const [url, auditDatabase] = [await freshDatabase(), await freshDatabase()];
      const one = await audited([Note], { url, auditDatabase });
      const other = await audited([Note], { url, auditDatabase });
      const flushBoth = () => Promise.all([one.trail.flush(), other.trail.flush()]);
      await one.dataSource.getRepository(Note).insert([{ text: 'one' }, { text: 'two' }]);
      await one.trail.flush();
      const late = one.dataSource.createQueryRunner();
      await late.startTransaction();
      await late.manager.update(Note, 1, { text: 'one, late' });
      await other.dataSource.getRepository(Note).update(2, { text: 'two again' });
      await flushBoth();
      expect(await one.trail.stats()).toMatchObject({ pendingCount: 0, totalEntries: 3 });
      await late.commitTransaction();
      await late.release();
      await other.dataSource.getRepository(Note).update(1, { text: 'one at last' });
      expect(await other.trail.stats()).toMatchObject({ pendingCount: 2 });
      await flushBoth();
      for (const { trail } of [one, other]) {
        expect(await trail.stats()).toMatchObject({
          pendingCount: 0,
          totalEntries: 5,
          auditDatabase: { lastError: null },
        });
        const { entries } = await trail.history(Note, 1);
        expect(entries.map(({ after }) => after?.['text'])).toEqual(['one at last', 'one, late', 'one']);
      }
      for (const table of ['audit_entry', 'audit_uncounted', 'audit_context', 'audit_rollup']) {
        expect(await one.dataSource.query(`SELECT count(*) AS n FROM ${table}`)).toEqual([{ n: 0 }]);
      }
    },
  );

  it('answers 503 while it is away, loses nothing, and has it all afterwards', { timeout: 120_000 }, async () => {
    const proxy = await severableProxy(await freshDatabase());
    const { dataSource, trail } = await audited([Note], {
      url: `sqlite:${temporaryFile()}`,
      auditDatabase: proxy.url,
      onWarning: () => undefined,
    });
    const notes = dataSource.getRepository(Note);
    await notes.insert({ text: 'one' });
    await trail.flush();
    await proxy.stop();
    await notes.insert({ text: 'two' });
    await expect(trail.flush()).rejects.toMatchObject({ code: 'AUDIT_DATABASE_UNAVAILABLE', statusCode: 503 });
    await expect(trail.recent()).rejects.toMatchObject({ code: 'AUDIT_DATABASE_UNAVAILABLE' });
    expect(await trail.stats()).toMatchObject({
      pendingCount: 1,
      auditDatabase: { reachable: false, lastError: expect.any(String) as string },
    });
    await proxy.start();
    expect(await trail.flush()).toMatchObject({ flushed: 1, pendingCount: 0 });
    expect(await trail.stats()).toMatchObject({ totalEntries: 2, auditDatabase: { reachable: true, lastError: null } });
    expect((await trail.recent()).entries.map(({ seq }) => seq)).toEqual([2, 1]);
  });
});
