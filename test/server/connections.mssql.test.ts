import type { DataSource } from 'typeorm';
import { describe, expect, test } from 'vitest';
import {
  AuditTrail,
  auditContext,
  type AuditTrailOptions,
  type ConnectionOptions,
  createDataSource,
  type PoolStats,
  TransactionIdleError,
  TransactionLeftOpenError,
} from '../../src/index';
import { afterTest } from '../support/databases';
import { Gate } from '../support/gate';
import { freshDatabase } from '../support/mssql';
import { Note } from '../support/note';
import { severableProxy } from '../support/severable-proxy';

/** A server may take long to make connections, and for its first statement on each. */
const timeout = 120_000;

interface Connected {
  dataSource: DataSource;
  trail: AuditTrail;
  pool: () => Promise<PoolStats>;
}

async function connected(
  url: string,
  connection: ConnectionOptions = {},
  audit: AuditTrailOptions = {},
): Promise<Connected> {
  const dataSource = createDataSource(url, {
    entities: [Note],
    synchronize: true,
    connection: { maxConnections: 4, ...connection },
    audit: { drain: false, ...audit },
  });
  const trail = await AuditTrail.attach(dataSource);
  afterTest(async () => {
    if (dataSource.isInitialized) await dataSource.destroy();
  });
  return { dataSource, trail, pool: async () => (await trail.stats()).pool };
}

test('200 jobs that come at once queue for the pool of 30, whose figures tell', { timeout: 300_000 }, async () => {
  const { dataSource, trail, pool } = await connected(
    await freshDatabase(),
    // A server may take long to make thirty connections at once, and for the first statement on each.
    { maxConnections: 30, connectTimeoutMs: 120_000, acquireTimeoutMs: 240_000, statementTimeoutMs: 120_000 },
    { idleTransactionTimeoutMs: 0 },
  );
  let begun = 0;
  const allAreInUse = new Gate();
  const jobs = Array.from({ length: 200 }, (_, index) =>
    auditContext.run({ actor: `job ${index}` }, () =>
      dataSource.transaction(async (manager) => {
        begun += 1;
        if (begun === 30) allAreInUse.open();
        await allAreInUse.opened;
        await manager.insert(Note, { text: `${index}` });
      }),
    ),
  );
  await allAreInUse.opened;
  // The figures themselves would queue, too.
  const { master } = dataSource.driver as unknown as { master: object };
  expect(master).toMatchObject({ size: 30, borrowed: 30, pending: 170 });
  expect((await Promise.allSettled(jobs)).filter(({ status }) => status === 'rejected')).toEqual([]);
  const { entries } = await trail.recent({ limit: 500 });
  expect(entries).toHaveLength(200);
  for (const { actor, after } of entries) expect(actor).toBe(`job ${String(after!['text'])}`);
  const { exhaustions, longestWaitMs, ...figures } = await pool();
  expect(figures).toEqual({
    size: 30,
    inUse: 0,
    idle: 30,
    utilisation: 0,
    waiting: 0,
    timeouts: 0,
    idleInTransaction: 0,
    idleTransactionsEnded: 0,
    replaced: 0,
    retries: 0,
  });
  expect(exhaustions).toBeGreaterThanOrEqual(170);
  expect(longestWaitMs).toBeGreaterThan(0);
  expect(trail.describe().pool).toEqual({ least: 10, most: 30 });
});

test('who waits too long for a connection is told so, and counted', { timeout }, async () => {
  const { dataSource, pool } = await connected(await freshDatabase(), { maxConnections: 2, acquireTimeoutMs: 3000 });
  const runners = [dataSource.createQueryRunner(), dataSource.createQueryRunner()];
  for (const runner of runners) await runner.startTransaction();
  await expect(dataSource.getRepository(Note).count()).rejects.toMatchObject({
    code: 'AUDIT_UNAVAILABLE',
    retryable: true,
  });
  for (const runner of runners) await runner.rollbackTransaction();
  for (const runner of runners) await runner.release();
  expect(await pool()).toMatchObject({ timeouts: 1, retries: 0 });
});

test('a connection that is old enough makes room for another', { timeout }, async () => {
  const { dataSource } = await connected(await freshDatabase(), { maxConnections: 1, connectionLifetimeMs: 1000 });
  const session = async () => (await dataSource.query<{ id: number }[]>('SELECT @@SPID AS id'))[0]!.id;
  const first = await session();
  // Until it is another one: the test's own time-out is the limit.
  while ((await session()) === first) continue;
});

describe('a transaction in which nothing runs', () => {
  test(
    'is rolled back, its locks and its connection with it; its owner is told by what it does next',
    { timeout },
    async () => {
      let tell!: (message: string) => void;
      const ended = new Promise<string>((resolve) => (tell = resolve));
      const { dataSource, trail, pool } = await connected(
        await freshDatabase(),
        { maxConnections: 2 },
        { idleTransactionTimeoutMs: 3000, onWarning: (message) => tell(message) },
      );
      await dataSource.getRepository(Note).insert({ text: 'before' });
      // A server may take long for what it meets for the first time on a connection.
      await Promise.all([pool(), pool()]);
      const runner = dataSource.createQueryRunner();
      await auditContext.run({ actor: 'ann' }, async () => {
        await runner.startTransaction();
        await runner.manager.update(Note, { text: 'before' }, { text: 'of the idle one' });
      });
      expect((await pool()).idleInTransaction).toBe(1);
      // Waits for its lock, and so for its end.
      await dataSource.getRepository(Note).update({ id: 1 }, { text: 'after' });
      expect(await ended).toMatch(/transaction of actor "ann" since \d{4}-.* ran no statement for \d+ ms/);
      await expect(runner.manager.insert(Note, { text: 'late' })).rejects.toThrow(TransactionIdleError);
      await expect(runner.startTransaction()).rejects.toThrow(TransactionIdleError);
      // Of what is nested, and did not begin.
      await runner.rollbackTransaction();
      await expect(runner.commitTransaction()).rejects.toThrow(TransactionIdleError);
      await runner.rollbackTransaction();
      await runner.startTransaction();
      await runner.manager.insert(Note, { text: 'afresh' });
      await runner.commitTransaction();
      await runner.release();
      const { entries } = await trail.recent();
      expect(entries.map(({ after }) => after!['text'])).toEqual(['afresh', 'after', 'before']);
      expect(await pool()).toMatchObject({ idleTransactionsEnded: 1, idleInTransaction: 0, inUse: 0 });
    },
  );

  test('is none while a statement of it waits', { timeout }, async () => {
    const idleTransactionTimeoutMs = 1000;
    const url = await freshDatabase();
    const { dataSource, pool } = await connected(url, {}, { idleTransactionTimeoutMs });
    await dataSource.getRepository(Note).insert({ text: 'before' });
    const patient = await connected(url, {}, { idleTransactionTimeoutMs: 0 });
    const holder = patient.dataSource.createQueryRunner();
    await holder.startTransaction();
    await holder.manager.update(Note, { id: 1 }, { text: 'held' });
    const waiting = dataSource.transaction((manager) => manager.update(Note, { id: 1 }, { text: 'waited' }));
    setTimeout(() => void holder.commitTransaction(), 3 * idleTransactionTimeoutMs);
    await waiting;
    await holder.release();
    expect((await pool()).idleTransactionsEnded).toBe(0);
    expect(await dataSource.getRepository(Note).findOneByOrFail({ id: 1 })).toMatchObject({ text: 'waited' });
  });
});

test('a query runner that is released in an open transaction leaves nothing behind', { timeout }, async () => {
  const { dataSource, pool } = await connected(await freshDatabase());
  const runner = dataSource.createQueryRunner();
  await runner.startTransaction();
  await runner.manager.insert(Note, { text: 'left' });
  await expect(runner.release()).rejects.toThrow(TransactionLeftOpenError);
  expect(await dataSource.getRepository(Note).count()).toBe(0);
  expect(await pool()).toMatchObject({ inUse: 0, idleInTransaction: 0 });
});

test('a transaction that is begun over a connection which was cut is begun over another', { timeout }, async () => {
  const proxy = await severableProxy(await freshDatabase());
  const { dataSource, trail, pool } = await connected(proxy.url);
  await dataSource.getRepository(Note).count();
  proxy.sever();
  await dataSource.transaction((manager) => manager.insert(Note, { text: 'again' }));
  expect((await trail.recent()).entries.map(({ after }) => after!['text'])).toEqual(['again']);
  expect((await pool()).retries).toBeGreaterThan(0);
});

test(
  'a query runner whose connection was cut begins another transaction once it has rolled back',
  { timeout },
  async () => {
    const proxy = await severableProxy(await freshDatabase());
    const { dataSource, trail, pool } = await connected(proxy.url);
    const runner = dataSource.createQueryRunner();
    await runner.startTransaction();
    await runner.manager.insert(Note, { text: 'lost' });
    proxy.sever();
    await expect(runner.manager.insert(Note, { text: 'late' })).rejects.toMatchObject({
      code: 'AUDIT_CONNECTION_LOST',
    });
    await expect(runner.commitTransaction()).rejects.toMatchObject({ code: 'AUDIT_CONNECTION_LOST' });
    await runner.rollbackTransaction();
    await runner.startTransaction();
    await runner.manager.insert(Note, { text: 'afresh' });
    await runner.commitTransaction();
    await runner.release();
    expect((await trail.recent()).entries.map(({ after }) => after!['text'])).toEqual(['afresh']);
    expect(await pool()).toMatchObject({ inUse: 0, idleInTransaction: 0 });
  },
);

test(
  'what fails in a nested transaction leaves nothing of the transaction around it, whatever that goes on to do',
  { timeout },
  async () => {
    const proxy = await severableProxy(await freshDatabase());
    const { dataSource, pool } = await connected(proxy.url);
    const outer = dataSource.transaction(async (manager) => {
      await manager.insert(Note, { text: 'outer' });
      proxy.sever();
      // Its savepoint can't be made.
      await expect(manager.transaction((nested) => nested.insert(Note, { text: 'nested' }))).rejects.toMatchObject({
        code: 'AUDIT_CONNECTION_LOST',
      });
      await manager.insert(Note, { text: 'after' }).catch(() => undefined);
    });
    await expect(outer).rejects.toMatchObject({ code: 'AUDIT_CONNECTION_LOST' });
    const midway = dataSource.transaction(async (manager) => {
      const nested = manager.transaction(async (inner) => {
        await inner.insert(Note, { text: 'nested' });
        proxy.sever();
        await inner.insert(Note, { text: 'late' });
      });
      await expect(nested).rejects.toMatchObject({ code: 'AUDIT_CONNECTION_LOST' });
      await manager.insert(Note, { text: 'after' }).catch(() => undefined);
    });
    await expect(midway).rejects.toMatchObject({ code: 'AUDIT_CONNECTION_LOST' });
    expect(await dataSource.getRepository(Note).count()).toBe(0);
    await dataSource.transaction((manager) => manager.transaction((nested) => nested.insert(Note, { text: 'kept' })));
    expect(await dataSource.getRepository(Note).count()).toBe(1);
    expect(await pool()).toMatchObject({ inUse: 0, idleInTransaction: 0 });
  },
);

test('connections that can not be are refused', () => {
  const url = 'mssql://sa:x@127.0.0.1/app';
  expect(() => createDataSource(url, { connection: { maxConnections: 0 } })).toThrow(/from 1 to 1000/);
  expect(() => createDataSource(url, { connection: { minConnections: 9, maxConnections: 3 } })).toThrow(/not be above/);
  expect(() => createDataSource(url, { connection: { poolSize: 3 } as never })).toThrow(/no option "poolSize"/);
});
