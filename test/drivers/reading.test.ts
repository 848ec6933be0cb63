import { describe, expect, it } from 'vitest';
import { type AuditTrailOptions, ReadTimeoutError } from '../../src/index';
import { PoolThreads, poolSizeOf } from '../../src/dialect/sqlite/sqlite3/pool-threads';
import { audited, temporaryFile } from '../support/databases';
import { Gate, settle } from '../support/gate';
import { Note } from '../support/note';
import { openSqlite } from '../support/sqlite';

async function open(options: AuditTrailOptions = {}) {
  const file = temporaryFile();
  const { dataSource, trail } = await audited([Note], { url: `sqlite:${file}`, ...options });
  await dataSource.getRepository(Note).insert({ text: 'a note' });
  await trail.flush();
  return { dataSource, trail, file, notes: dataSource.getRepository(Note) };
}

const numbers = 'WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)';

/** Puts in the place of the roll-ups, which stats() and dashboard() read, something without an end. */
function replaceRollups(file: string): void {
  const database = openSqlite(file);
  database.exec(`ALTER TABLE audit_rollup RENAME TO kept;
    CREATE VIEW audit_rollup (period, bucket, entity, operation, actor, entries) AS ${numbers}
    SELECT iif(i < 0, period, ''), '', entity, operation, actor, entries FROM n CROSS JOIN kept`);
  database.close();
}

function restoreRollups(file: string): void {
  const database = openSqlite(file);
  database.exec('DROP VIEW audit_rollup; ALTER TABLE kept RENAME TO audit_rollup');
  database.close();
}

describe('readers of the trail', () => {
  it('wait for nobody, and see what has committed', async () => {
    const { dataSource, trail } = await open();
    await dataSource.transaction(async (manager) => {
      await manager.insert(Note, { text: 'not committed' });
      const asked = await new Promise<unknown>((resolve) => outside(() => void trail.recent().then(resolve)));
      expect((asked as { entries: unknown[] }).entries).toHaveLength(1);
    });
    expect((await trail.recent({ fresh: true })).entries).toHaveLength(2);
  });

  it('end at their deadline, and go on', async () => {
    const { dataSource, trail, file } = await open({ readTimeoutMs: 1_000, poolSize: 3 });
    replaceRollups(file);
    const late = Array.from({ length: 4 }, () => trail.stats());
    const outcomes = Promise.allSettled(late);
    await dataSource.query('CREATE TABLE meanwhile (id INTEGER)');
    for (const outcome of await outcomes)
      expect(outcome).toMatchObject({ reason: expect.any(ReadTimeoutError) as Error });
    restoreRollups(file);
    expect(await trail.stats()).toMatchObject({ pool: { timeouts: 4, replaced: 0, size: 3 } });
    expect((await trail.recent({ fresh: true })).entries).toHaveLength(1);
  });

  it('leave the event loop alone', async () => {
    const { trail, file } = await open({ readTimeoutMs: 600, poolSize: 2 });
    replaceRollups(file);
    let turns = 0;
    const turning = setInterval(() => (turns += 1), 1);
    await expect(trail.dashboard()).rejects.toThrow(ReadTimeoutError);
    clearInterval(turning);
    expect(turns).toBeGreaterThan(10);
    restoreRollups(file);
  });

  it('are closed with the trail while they read', async () => {
    const { dataSource, trail, file } = await open();
    replaceRollups(file);
    const failing = expect(trail.stats()).rejects.toMatchObject({ code: 'AUDIT_TRAIL_CLOSED' });
    await settle();
    await dataSource.destroy();
    await failing;
    restoreRollups(file);
  });
});

describe("the application's reads", () => {
  it("do not wait for somebody's transaction, and see their own writes", async () => {
    const { dataSource, notes } = await open();
    const gate = new Gate();
    const begun = new Gate();
    const holding = dataSource.transaction(async (manager) => {
      await manager.insert(Note, { text: 'held' });
      begun.open();
      await gate.opened;
    });
    await begun.opened;
    expect(await notes.find()).toHaveLength(1);
    expect(await notes.findOneBy({ id: 1 })).toMatchObject({ text: 'a note' });
    gate.open();
    await holding;
    expect(await notes.count()).toBe(2);
    await notes.insert({ text: 'third' });
    expect(await Promise.all(Array.from({ length: 20 }, () => notes.count()))).toEqual(Array(20).fill(3));
  });

  it('are the writing connection’s where only that knows', async () => {
    const { dataSource } = await open();
    await dataSource.query('CREATE TEMP TABLE note2 (id INTEGER)');
    await dataSource.query('CREATE TEMP TABLE basket AS SELECT 1 AS id');
    expect(await dataSource.query('SELECT count(*) AS n FROM basket')).toEqual([{ n: 1 }]);
    await expect(dataSource.query('SELECT * FROM nowhere')).rejects.toThrow(/no such table: nowhere/);
  });
});

describe('threads of the pool', () => {
  it.each([
    [undefined, 4],
    ['8', 8],
    ['1', 1],
    ['0', 1],
    ['none', 1],
    ['99999', 1024],
  ])('are as many as libuv makes: UV_THREADPOOL_SIZE=%s', (setting, size) => {
    expect(poolSizeOf(setting)).toBe(size);
  });

  it('are given in turn, and to nobody who has gone', async () => {
    const threads = new PoolThreads(1);
    await threads.take();
    const order: string[] = [];
    const leaving = new AbortController();
    const gone = threads.take(leaving.signal).catch((error: Error) => order.push(error.message));
    const next = threads.take().then(() => order.push('next'));
    leaving.abort(new Error('gone'));
    await gone;
    threads.release();
    await next;
    expect(order).toEqual(['gone', 'next']);
    threads.release();
    await threads.take();
  });
});

/** In no flow, and so in nobody's transaction. */
function outside(work: () => void): void {
  outsideFlows.push(work);
}

const outsideFlows: (() => void)[] = [];
setInterval(() => outsideFlows.splice(0).forEach((work) => work()), 1).unref();
