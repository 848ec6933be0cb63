import { existsSync, renameSync } from 'node:fs';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { type AuditTrailOptions, ReaderFailedError, ReadTimeoutError, TrailClosedError } from '../../src/index';
import { audited, temporaryFile } from '../support/databases';
import { settle } from '../support/gate';
import { Note } from '../support/note';
import { watchThreads } from '../support/threads';

async function open(options: AuditTrailOptions = {}) {
  const threads = watchThreads();
  const file = temporaryFile();
  const { dataSource, trail } = await audited([Note], { url: `sqlite:${file}`, ...options });
  await dataSource.getRepository(Note).insert({ text: 'a note' });
  await trail.flush();
  return { dataSource, trail, threads, file };
}

/** Puts in the place of the roll-ups, which stats() and dashboard() read, something that takes longer. */
function replaceRollups(file: string, select: string): void {
  const database = new Database(file);
  database.exec(`ALTER TABLE audit_rollup RENAME TO kept;
    CREATE VIEW audit_rollup (period, bucket, entity, operation, actor, entries) AS ${select}`);
  database.close();
}

function restoreRollups(file: string): void {
  const database = new Database(file);
  database.exec('DROP VIEW audit_rollup; ALTER TABLE kept RENAME TO audit_rollup');
  database.close();
}

const endless = `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)
  SELECT iif(i < 0, period, ''), '', entity, operation, actor, entries FROM n CROSS JOIN kept`;
/** Some seconds until the first row, which nothing can end. */
const oneLongStep = `SELECT 'total', '', 'Note', 'insert', '',
  (WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 20000000) SELECT count(*) FROM n)`;

describe('the deadline of a reader', () => {
  it('ends the query, and the reader goes on', async () => {
    const { trail, threads, file } = await open({ readTimeoutMs: 2_000, poolSize: 2 });
    replaceRollups(file, endless);
    const late = trail.stats();
    await expect(late).rejects.toThrow(ReadTimeoutError);
    await expect(late).rejects.toMatchObject({ code: 'AUDIT_READ_TIMEOUT', statusCode: 503, retryable: true });
    expect((await trail.recent()).entries).toHaveLength(1);
    restoreRollups(file);
    expect(await trail.stats()).toMatchObject({ pool: { timeouts: 1, replaced: 0 } });
    expect(threads.size).toBe(1);
  });

  it('gives up a reader that is stuck in one step, and another takes its place', async () => {
    const { dataSource, trail, threads, file } = await open({ readTimeoutMs: 500, poolSize: 2 });
    replaceRollups(file, oneLongStep);
    await expect(trail.stats()).rejects.toThrow(ReadTimeoutError);
    const [stuck] = threads;
    // The only reader is still at it.
    for (let page; !page;)
      page = await trail.recent().catch((error: unknown) => void expect(error).toBeInstanceOf(ReadTimeoutError));
    expect(threads.has(stuck!)).toBe(true);
    expect(threads.size).toBe(2);
    await dataSource.destroy();
    expect(threads.size).toBe(0);
  });

  it('counts the wait for a reader', async () => {
    const { trail, file } = await open({ readTimeoutMs: 2_000, poolSize: 2 });
    replaceRollups(file, endless);
    const reads = await Promise.allSettled([trail.stats(), trail.stats()]);
    expect(reads.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    restoreRollups(file);
    const { pool } = await trail.stats();
    expect(pool).toMatchObject({ size: 2, timeouts: 2, utilisation: 0, waiting: 0 });
    expect(pool.exhaustions).toBeGreaterThan(0);
  });
});

describe('readers', () => {
  it('are started as they are needed, and kept', async () => {
    const { trail, threads } = await open();
    await trail.recent();
    await trail.recent();
    expect(threads.size).toBe(1);
    await Promise.all(Array.from({ length: 8 }, () => trail.recent()));
    expect(threads.size).toBe(4);
    // A reader can be at what another one has answered in its stead.
    await expect.poll(async () => (await trail.stats()).pool.idle).toBe(5);
    expect((await trail.stats()).pool).toMatchObject({ size: 5, exhaustions: 4, replaced: 0, waiting: 0 });
  });

  it('keep nobody waiting behind a long query while one of them is idle', async () => {
    const { trail, threads, file } = await open({ readTimeoutMs: 5_000, poolSize: 3 });
    await Promise.all([trail.recent(), trail.recent()]);
    replaceRollups(file, endless);
    let isOver = false;
    const long = trail.stats().finally(() => (isOver = true));
    const pages = Promise.all(Array.from({ length: 7 }, () => trail.recent()));
    // It fails when the pages are there; until then nobody listens.
    long.catch(() => undefined);
    expect((await pages).map(({ entries }) => entries.length)).toEqual([1, 1, 1, 1, 1, 1, 1]);
    expect(isOver).toBe(false);
    expect(threads.size).toBe(2);
    await expect(long).rejects.toThrow(ReadTimeoutError);
    restoreRollups(file);
    expect((await trail.stats()).pool).toMatchObject({ replaced: 0, waiting: 0 });
  });

  it('that are given up leave what waits behind to others', async () => {
    const { trail, threads, file } = await open({ readTimeoutMs: 3_000, poolSize: 2 });
    await trail.recent();
    replaceRollups(file, endless);
    const long = trail.stats();
    const page = trail.recent();
    for (const thread of threads) void thread.terminate();
    await expect(long).rejects.toThrow(ReaderFailedError);
    expect((await page).entries).toHaveLength(1);
    restoreRollups(file);
    expect((await trail.stats()).pool).toMatchObject({ replaced: 1, timeouts: 0 });
  });

  it('that die fail their query and are replaced', async () => {
    const { trail, threads, file } = await open();
    replaceRollups(file, endless);
    const reading = trail.stats();
    for (const thread of threads) void thread.terminate();
    await expect(reading).rejects.toThrow(ReaderFailedError);
    restoreRollups(file);
    expect((await trail.recent()).entries).toHaveLength(1);
    for (const thread of threads) await thread.terminate();
    expect((await trail.recent()).entries).toHaveLength(1);
    expect((await trail.stats()).pool).toMatchObject({ replaced: 2, inUse: 0 });
    expect(threads.size).toBe(1);
  });

  it('end with the trail, whose questions go over the writing connection then', async () => {
    const { dataSource, trail, threads } = await open();
    await Promise.all([trail.recent(), trail.recent()]);
    const [cut] = await Promise.allSettled([trail.dashboard(), trail.close(), trail.close()]);
    expect(cut).toMatchObject({ status: 'rejected', reason: expect.any(TrailClosedError) as unknown });
    expect(threads.size).toBe(0);
    expect((await trail.recent()).entries).toHaveLength(1);
    expect(threads.size).toBe(0);
    await dataSource.destroy();
  });

  it('leave the write-ahead log to be cleared away', async () => {
    const { dataSource, trail, threads, file } = await open();
    await Promise.all([trail.recent(), trail.recent()]);
    expect(existsSync(`${file}-wal`)).toBe(true);
    await dataSource.destroy();
    expect(threads.size).toBe(0);
    expect(existsSync(`${file}-wal`)).toBe(false);
  });

  it('that can not be started leave the reading to the writing connection, and a warning', async () => {
    const warnings: string[] = [];
    const threads = watchThreads();
    const file = temporaryFile();
    const { trail } = await audited([Note], { url: `sqlite:${file}`, onWarning: (text) => void warnings.push(text) });
    renameSync(file, `${file}.moved`);
    const pages = await Promise.all([trail.recent(), trail.recent()]);
    expect(pages.map(({ pendingCount }) => pendingCount)).toEqual([0, 0]);
    expect((await trail.stats()).pool.size).toBe(1);
    expect(warnings).toEqual([expect.stringMatching(/no reader can be started.*unable to open/)]);
    await settle();
    expect(threads.size).toBe(0);
  });
});
