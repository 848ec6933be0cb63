import Database from 'better-sqlite3';
import { EntitySchema } from 'typeorm';
import { describe, expect, it } from 'vitest';
import { AuditTrail, createDataSource, TrailClosedError, TransactionHeldError } from '../../src/index';
import { afterTest, audited, temporaryFile } from '../support/databases';
import { Gate, settle } from '../support/gate';
import { Note } from '../support/note';

const many = (count: number) => Array.from({ length: count }, (_, index) => ({ text: `note ${index}` }));

/** Resolves when `condition` holds; the test's own time-out ends it otherwise. */
async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 5));
}

describe('the drain', () => {
  it('leaves the outbox alone until it is time', async () => {
    const { dataSource, trail } = await audited([Note], { drain: true, commitIntervalMs: 3_600_000 });
    await dataSource.getRepository(Note).insert(many(3));
    await settle();
    expect(await trail.stats()).toMatchObject({ pendingCount: 3, totalEntries: 0, lastFlush: null });
  });

  it('empties the outbox when it is time', async () => {
    const { dataSource, trail } = await audited([Note], { drain: true, commitIntervalMs: 10 });
    await dataSource.getRepository(Note).insert(many(3));
    await until(async () => (await trail.stats()).pendingCount === 0);
    const stats = await trail.stats();
    expect(stats).toMatchObject({ totalEntries: 3, flushedTotal: 3, flushFailures: 0, oldestPendingAgeMs: null });
    expect(stats.entriesByOperation).toEqual({ insert: 3 });
    await until(async () => (await trail.stats()).lastFlush !== null);
  });

  it('wakes before its time when enough changes wait', async () => {
    const { dataSource, trail } = await audited([Note], { drain: true, commitIntervalMs: 3_600_000, batchSize: 10 });
    await dataSource.getRepository(Note).insert(many(9));
    await settle();
    expect((await trail.stats()).pendingCount).toBe(9);
    await dataSource.getRepository(Note).insert(many(1));
    await until(async () => (await trail.stats()).pendingCount === 0);
    expect((await trail.stats()).totalEntries).toBe(10);
  });

  it('writes entries in the order of the changes, with numbers that are never used again', async () => {
    const { dataSource, trail } = await audited([Note]);
    const ids: number[] = [];
    for (const text of ['a', 'b', 'c']) {
      await dataSource.getRepository(Note).insert({ text });
      const { entries } = await trail.recent({ fresh: true, limit: 1 });
      expect(entries[0]!.after!['text']).toBe(text);
      ids.push(entries[0]!.seq);
    }
    expect(ids).toEqual([1, 2, 3]);
  });

  it('keeps a batch below its limit in bytes and still writes every row', async () => {
    const { dataSource, trail } = await audited([Note]);
    const large = 'x'.repeat(600_000);
    for (let index = 0; index < 5; index += 1)
      await dataSource.getRepository(Note).insert({ text: `${index}${large}` });
    expect((await trail.flush()).flushed).toBe(5);
    const { entries } = await trail.recent();
    expect(entries.map(({ after }) => String(after!['text'])[0])).toEqual(['4', '3', '2', '1', '0']);
    expect(String(entries[0]!.after!['text'])).toBe(`4${large}`);
  });
});

describe('flush()', () => {
  it('drains what is pending at the call, in one run for all who call', async () => {
    const { dataSource, trail } = await audited([Note]);
    await dataSource.getRepository(Note).insert(many(600));
    const results = await Promise.all([trail.flush(), trail.flush(), trail.flush()]);
    for (const result of results) expect(result).toMatchObject({ flushed: 600, pendingCount: 0 });
    expect((await trail.stats()).flushedTotal).toBe(600);
    expect(await trail.flush()).toMatchObject({ flushed: 0, pendingCount: 0 });
  });

  it('does not wait for what comes after it', async () => {
    const { dataSource, trail } = await audited([Note]);
    await dataSource.getRepository(Note).insert(many(10));
    let isDone = false;
    const writing = (async () => {
      while (!isDone) await dataSource.getRepository(Note).insert(many(20));
    })();
    await trail.flush();
    isDone = true;
    await writing;
  });

  it('inside a transaction, for which it would have to wait, fails at once', async () => {
    const { dataSource, trail } = await audited([Note]);
    await dataSource.transaction(async (manager) => {
      await manager.insert(Note, { text: 'a' });
      await expect(trail.flush()).rejects.toThrow(TransactionHeldError);
      expect((await trail.stats()).pendingCount).toBe(1);
    });
    expect((await trail.flush()).flushed).toBe(1);
  });

  it('that fails says so, is counted, and loses nothing', async () => {
    const warnings: string[] = [];
    const { dataSource, trail } = await audited([Note], {
      allowLogDestruction: true,
      onWarning: (text) => warnings.push(text),
    });
    await dataSource.getRepository(Note).insert({ text: 'a' });
    await dataSource.query('ALTER TABLE audit_rollup RENAME TO away');
    // Without all audit tables nothing is read either, so the drain is asked through the table it can still see.
    await expect(trail.flush()).rejects.toThrow(/audit tables are not there/);
    await dataSource.query('CREATE TABLE audit_rollup (wrong TEXT)');
    await expect(trail.flush()).rejects.toThrow(/no column named period/);
    expect(warnings).toEqual([expect.stringContaining('a drain failed')]);
    await dataSource.query('DROP TABLE audit_rollup');
    await dataSource.query('ALTER TABLE away RENAME TO audit_rollup');
    expect(await trail.stats()).toMatchObject({ pendingCount: 1, totalEntries: 0, flushFailures: 1 });
    expect(await trail.flush()).toMatchObject({ flushed: 1, pendingCount: 0 });
  });

  it('that fails after some of its entries leaves none of them', async () => {
    const { dataSource, trail } = await audited([Note]);
    await dataSource.getRepository(Note).insert(many(19));
    const count = async () => dataSource.query<[{ n: number }]>('SELECT count(*) AS n FROM audit_entry');
    for (const refused of [13, 19]) {
      await dataSource.query(
        `CREATE TEMP TRIGGER refused BEFORE INSERT ON main.audit_entry WHEN NEW.entity_id = '${refused}'
         BEGIN SELECT RAISE(ABORT, 'no room for it'); END`,
      );
      await expect(trail.flush()).rejects.toThrow(/no room for it/);
      await dataSource.query('DROP TRIGGER refused');
      expect(await count()).toEqual([{ n: 0 }]);
      expect((await trail.stats()).pendingCount).toBe(19);
    }
    expect(await trail.flush()).toMatchObject({ flushed: 19, pendingCount: 0 });
    const { entries } = await trail.recent();
    expect(entries.map(({ seq, entityId }) => [seq, entityId])).toEqual(
      Array.from({ length: 19 }, (_, index) => [19 - index, String(19 - index)]),
    );
    expect((await trail.stats()).entriesByOperation).toEqual({ insert: 19 });
  });

  it('reads records to their last value, wider ones behind narrower ones', async () => {
    const names = Array.from({ length: 12 }, (_, index) => `c${index}`);
    const Wider = new EntitySchema<Record<string, string | number>>({
      name: 'Wider',
      columns: {
        id: { type: 'integer', primary: true },
        ...Object.fromEntries(names.map((name) => [name, { type: 'varchar' as const }])),
      },
    });
    const { dataSource, trail } = await audited([Note, Wider]);
    const row = { id: 1, ...Object.fromEntries(names.map((name) => [name, `${name} of 1`])) };
    await dataSource.getRepository(Note).insert(many(2));
    await dataSource.getRepository(Wider).insert(row);
    await trail.flush();
    await dataSource.getRepository(Note).insert(many(1));
    await dataSource.getRepository(Wider).update(1, { c11: 'changed' });
    const { entries } = await trail.recent({ entity: 'Wider', fresh: true });
    expect(entries.map(({ before, after }) => [before, after])).toEqual([
      [row, { ...row, c11: 'changed' }],
      [null, row],
    ]);
    expect((await trail.stats()).quarantinedCount).toBe(0);
  });
});

describe('close()', () => {
  it('drains, and dataSource.destroy() closes', async () => {
    const file = temporaryFile();
    const { dataSource } = await audited([Note], { url: `sqlite:${file}` });
    await dataSource.getRepository(Note).insert(many(3));
    await dataSource.destroy();
    const again = createDataSource(`sqlite:${file}`, { entities: [Note], audit: { drain: false } });
    const trail = await AuditTrail.attach(again);
    afterTest(() => again.destroy());
    expect(await trail.stats()).toMatchObject({ pendingCount: 0, totalEntries: 3, flushedTotal: 0 });
  });

  it('gives up after its time-out, says so, and leaves the rest in the outbox', async () => {
    const warnings: string[] = [];
    const { dataSource, trail } = await audited([Note], { onWarning: (text) => warnings.push(text) });
    await dataSource.getRepository(Note).insert(many(600));
    await trail.close({ drainTimeoutMs: 0 });
    await trail.close();
    expect(warnings).toEqual([expect.stringContaining('before the outbox was empty')]);
    const again = await AuditTrail.attach(dataSource);
    expect(again).not.toBe(trail);
    expect(await again.flush()).toMatchObject({ flushed: 600 });
  });

  it('is followed by changes that stay captured', async () => {
    const { dataSource, trail } = await audited([Note]);
    await trail.close();
    await dataSource.getRepository(Note).insert({ text: 'after close' });
    const { entries } = await (await AuditTrail.attach(dataSource)).recent({ fresh: true });
    expect(entries).toMatchObject([{ after: { text: 'after close' } }]);
  });

  it('waits its turn behind an open transaction', async () => {
    const { dataSource, trail } = await audited([Note]);
    const gate = new Gate();
    const holding = dataSource.transaction(async (manager) => {
      await manager.insert(Note, { text: 'a' });
      await gate.opened;
    });
    await settle();
    const closing = trail.close();
    await settle();
    gate.open();
    await Promise.all([holding, closing]);
    expect(await dataSource.query('SELECT count(*) AS n FROM audit_outbox')).toEqual([{ n: 0 }]);
  });

  it('leaves a trail that says that it is closed once the DataSource is', async () => {
    const { dataSource, trail } = await audited([Note]);
    await dataSource.destroy();
    await expect(trail.stats()).rejects.toThrow(TrailClosedError);
  });
});

describe('close() in the face of trouble', () => {
  it('keeps to its time-out while another process holds the lock', async () => {
    const file = temporaryFile();
    const warnings: string[] = [];
    const { dataSource, trail } = await audited([Note], {
      url: `sqlite:${file}`,
      onWarning: (text) => warnings.push(text),
    });
    await dataSource.getRepository(Note).insert({ text: 'a' });
    const other = new Database(file);
    other.exec('BEGIN IMMEDIATE');
    await trail.close({ drainTimeoutMs: 100 });
    expect(warnings).toEqual([expect.stringContaining('before the outbox was empty')]);
    other.exec('ROLLBACK');
    other.close();
  });

  it('lets dataSource.destroy() close the connection where the audit tables are missing', async () => {
    const { dataSource } = await audited([], { migrate: false });
    await dataSource.destroy();
    expect(dataSource.isInitialized).toBe(false);
  });
});
