import { setTimeout as pause } from 'node:timers/promises';
import type { EntityManager } from 'typeorm';
import { expect, test } from 'vitest';
import { auditContext } from '../../src/index';
import { audited } from '../support/databases';
import { freshDatabase, needsSqlServer } from '../support/mssql';
import { entities, Pair, Tag } from './entities';

// A server may take long to make connections.
test('flows that share the pool never share a context', { timeout: 120_000 }, async () => {
  const { dataSource, trail } = await audited(entities, { url: await freshDatabase() });
  const flow = (actor: string) =>
    auditContext.run({ actor, reason: `of ${actor}` }, async () => {
      await dataSource.getRepository(Tag).insert({ name: `${actor} alone` });
      await dataSource.transaction(async (manager) => {
        await manager.insert(Tag, { name: `${actor} first` });
        await pause(1);
        await manager.query('INSERT INTO tag (name) VALUES (@0)', [`${actor} second`]);
      });
      await dataSource.query('INSERT INTO tag (name) VALUES (@0)', [`${actor} raw`]);
    });
  const actors = Array.from({ length: 12 }, (_, index) => `a${index}`);
  await Promise.all([...actors.map(flow), dataSource.query(`INSERT INTO tag (name) VALUES ('nobody')`)]);
  const { entries } = await trail.recent({ limit: 500 });
  expect(entries).toHaveLength(49);
  for (const { entityId, actor, reason } of entries) {
    expect([entityId, actor, reason]).toEqual(
      entityId === 'nobody' ? ['nobody', null, null] : [entityId, entityId!.split(' ')[0], `of ${actor}`],
    );
  }
  const firsts = entries.filter(({ entityId }) => /first|second/.test(entityId!));
  expect(new Set(firsts.map(({ transactionId }) => transactionId)).size).toBe(actors.length);
});

test('an upsert is told as what it did to each row', async (context) => {
  await needsSqlServer(context, 'it has no MERGE');
  const { dataSource, trail } = await audited(entities, { url: await freshDatabase() });
  const pairs = dataSource.getRepository(Pair);
  await pairs.insert({ a: 1, b: 'x', value: 'old' });
  await pairs.upsert(
    [
      { a: 1, b: 'x', value: 'new' },
      { a: 2, b: 'y', value: 'added' },
    ],
    ['a', 'b'],
  );
  const { entries } = await trail.recent({ limit: 2 });
  expect(entries.map(({ operation, after }) => `${operation} ${String(after!['value'])}`).sort()).toEqual([
    'insert added',
    'update new',
  ]);
});

test('an answer does not claim to hold what an open transaction may have recorded', async () => {
  const { dataSource, trail } = await audited(entities, { url: await freshDatabase() });
  const before = new Date();
  const runner = dataSource.createQueryRunner();
  await runner.startTransaction();
  await runner.query(`INSERT INTO tag (name) VALUES ('late')`);
  const begun = new Date();
  const { completeUpTo } = await trail.recent();
  // Told to the second while a transaction is open.
  expect(new Date(completeUpTo).getTime()).toBeGreaterThan(before.getTime() - 1000);
  expect(new Date(completeUpTo).getTime()).toBeLessThanOrEqual(begun.getTime());
  await runner.commitTransaction();
  await runner.release();
  expect(new Date((await trail.recent()).completeUpTo).getTime()).toBeGreaterThan(begun.getTime());
});

test(
  'nothing that comes after the server has ended a transaction commits on its own',
  { timeout: 60_000 },
  async () => {
    const { dataSource, trail } = await audited(entities, { url: await freshDatabase() });
    const tags = dataSource.getRepository(Tag);
    await tags.insert({ name: 'one' });
    const isLost = { code: 'AUDIT_TRANSACTION_LOST', retryable: true };
    const work = dataSource.transaction(async (manager) => {
      await manager.insert(Tag, { name: 'before' });
      const failing = (nested: EntityManager) =>
        nested.query(`SET XACT_ABORT ON; INSERT INTO tag (name) VALUES ('one')`);
      await expect(manager.transaction(failing)).rejects.toThrow();
      await expect(manager.transaction((nested) => nested.count(Tag))).rejects.toMatchObject(isLost);
      await expect(manager.insert(Tag, { name: 'after' })).rejects.toMatchObject(isLost);
    });
    await expect(work).rejects.toMatchObject(isLost);
    expect(await tags.find()).toEqual([{ name: 'one' }]);
    expect((await trail.recent()).entries).toHaveLength(1);
  },
);

test('a change that waited too long for a lock fails with an error that a retry helps against', async (context) => {
  await needsSqlServer(context, 'its error of a lock that is not free has another number');
  const { dataSource } = await audited(entities, { url: await freshDatabase() });
  await dataSource.getRepository(Pair).insert({ a: 1, b: 'x', value: 'old' });
  const [holder, other] = [dataSource.createQueryRunner(), dataSource.createQueryRunner()];
  for (const runner of [holder, other]) await runner.startTransaction();
  await holder.query(`UPDATE pair SET value = 'held'`);
  await other.query('SET LOCK_TIMEOUT 100');
  await expect(other.query(`UPDATE pair SET value = 'late'`)).rejects.toMatchObject({
    code: 'AUDIT_LOCK_TIMEOUT',
    retryable: true,
  });
  for (const runner of [holder, other]) {
    await runner.rollbackTransaction();
    await runner.release();
  }
});
