import { expect, test } from 'vitest';
import { auditContext, UnrecordedStatementError } from '../../src/index';
import { audited } from '../support/databases';
import { freshDatabase, wire } from '../support/mssql';
import { Animal, Article, Dog, entities, Guided, Pair, Priced, Tag } from './entities';

const open = async () => audited(entities, { url: await freshDatabase() });
const ann = { actor: 'ann "the" \\ tester', reason: 'because', correlationId: 'c-1', metadata: { a: [1, 'ü'] } };

test('a row goes through its life, and every change of it is recorded as the table held it', async () => {
  const { dataSource, trail } = await open();
  const articles = dataSource.getRepository(Article);
  const ref = '6f9619ff-8b86-d011-b42d-00c04fc964ff';
  await auditContext.run(ann, async () => {
    const article = await articles.save({
      title: 'äöü ☃ "quoted" / \\ ',
      price: 12.5,
      views: '9007199254740993',
      weight: 0.1,
      isOpen: true,
      data: { b: [1, null], a: 'x' },
      at: new Date('2026-01-31T12:00:00.123Z'),
      ref,
      secret: 'not to be seen',
      scratch: 'left out',
      hidden: 'masked',
    });
    await articles.update({ id: article.id }, { title: 'ÄÖÜ ☃ "quoted" / \\ ', secret: 'nor this' });
    await articles.softRemove(article);
    await articles.recover(article);
    await articles.delete({ id: article.id });
  });
  const { entries } = await trail.recent({ reveal: ['Article.hidden'] });
  expect(entries.map(({ operation }) => operation)).toEqual(['delete', 'restore', 'soft_delete', 'update', 'insert']);
  const [insert, update] = [entries[4]!, entries[3]!];
  expect(insert.after).toEqual({
    id: 1,
    title: 'äöü ☃ "quoted" / \\ ',
    price: '12.5',
    views: '9007199254740993',
    weight: 0.1,
    isOpen: true,
    data: { b: [1, null], a: 'x' },
    at: '2026-01-31T12:00:00.123Z',
    ref,
    secret: { $redacted: true },
    hidden: 'masked',
    version: 1,
    deletedAt: null,
  });
  expect(insert).toMatchObject({
    ...ann,
    entity: 'Article',
    entityId: '1',
    table: 'article',
    source: 'orm',
    before: null,
  });
  expect(update.changes.map(({ field }) => field)).toEqual(['title', 'secret', 'version']);
  expect(update.before).toEqual(insert.after);
  expect(entries[0]!.after).toBeNull();
  const stored = JSON.stringify(await dataSource.query('SELECT * FROM audit_entry'));
  expect(stored).not.toMatch(/not to be seen|nor this|left out/);
});

test('statements of one transaction share its id, and one that is rolled back leaves nothing', async () => {
  const { dataSource, trail } = await open();
  await auditContext.run(ann, () =>
    dataSource.transaction(async (manager) => {
      await manager.save(Tag, [{ name: 'a' }, { name: 'b' }]);
      await manager.query(`UPDATE tag SET name = 'c' WHERE name = 'b'`);
    }),
  );
  await expect(
    dataSource.transaction(async (manager) => {
      await manager.save(Tag, { name: 'never' });
      throw new Error('no');
    }),
  ).rejects.toThrow('no');
  const { entries } = await trail.recent();
  expect(entries.map(({ operation, entityId, source }) => [operation, entityId, source])).toEqual([
    ['update', 'c', 'sql'],
    ['insert', 'b', 'orm'],
    ['insert', 'a', 'orm'],
  ]);
  expect(new Set(entries.map(({ transactionId }) => transactionId)).size).toBe(1);
  expect((await trail.history(Tag, 'c')).entries).toHaveLength(2);
});

test('an update that changes no byte is not recorded, and one that changes case or trailing blanks is', async () => {
  const { dataSource, trail } = await open();
  await dataSource.getRepository(Pair).insert({ a: 1, b: 'x', value: 'abc' });
  for (const value of ['abc', 'ABC', 'ABC ', null, null]) {
    await dataSource.query('UPDATE pair SET value = @0', [value]);
  }
  const { entries } = await trail.recent({ operation: 'update' });
  expect(entries.map(({ after }) => after!['value'])).toEqual([null, 'ABC ', 'ABC']);
  expect(entries[0]!.entityId).toBe('{"a":1,"b":"x"}');
});

test('keys that a statement changes are told for one row, and are a delete and an insert for several', async () => {
  const { dataSource, trail } = await open();
  await dataSource.getRepository(Pair).insert([1, 2].map((a) => ({ a, b: 'x"/\\', value: 'v' })));
  await dataSource.query('UPDATE pair SET a = 10 WHERE a = 1');
  expect((await trail.recent({ limit: 1 })).entries[0]).toMatchObject({
    operation: 'update',
    entityId: '{"a":10,"b":"x\\"/\\\\"}',
  });
  await dataSource.query('UPDATE pair SET a = a + 1');
  const { entries } = await trail.recent({ limit: 4 });
  expect(entries.map(({ operation }) => operation).sort()).toEqual(['delete', 'delete', 'insert', 'insert']);
});

test('classes of one table, junction rows and cascades are told apart', async () => {
  const { dataSource, trail } = await open();
  const tag = await dataSource.getRepository(Tag).save({ name: 't' });
  await dataSource.getRepository(Article).save({ title: 'x', tags: [tag] });
  await dataSource.getRepository(Dog).save({ name: 'rex' });
  await dataSource.getRepository(Animal).save({ name: 'any' });
  await dataSource.query('DELETE FROM tag');
  const { entries } = await trail.recent();
  const told = entries.map(({ entity, operation }) => `${entity} ${operation}`);
  expect(told.slice(2)).toEqual([
    'Animal insert',
    'Dog insert',
    'article_tags_tag link',
    'Article insert',
    'Tag insert',
  ]);
  expect(told.slice(0, 2).sort()).toEqual(['Tag delete', 'article_tags_tag unlink']);
});

test('capture adds no round trip', async () => {
  const { dataSource } = await open();
  const tags = dataSource.getRepository(Tag);
  const sent = await wire.during(async () => {
    await auditContext.run(ann, () => tags.insert({ name: 'a' }));
    await tags.find();
  });
  expect(sent).toHaveLength(2);
});

test('after a batch that failed, what others send over its connection has no actor', async () => {
  const { dataSource, trail } = await open();
  await dataSource.getRepository(Tag).insert({ name: 'a' });
  await expect(auditContext.run(ann, () => dataSource.query(`INSERT INTO tag (name) VALUES ('a')`))).rejects.toThrow();
  const queryRunner = dataSource.createQueryRunner();
  await queryRunner.startTransaction();
  await auditContext.run(ann, () => queryRunner.query(`INSERT INTO tag (name) VALUES ('b')`));
  await queryRunner.commitTransaction();
  await queryRunner.release();
  await Promise.all([1, 2, 3].map((a) => dataSource.query(`INSERT INTO tag (name) VALUES ('raw ${a}')`)));
  const { entries } = await trail.recent();
  expect(entries.map(({ actor }) => actor)).toEqual([null, null, null, ann.actor, null]);
});

test('clear() is recorded row by row with its marker, and raw TRUNCATE is refused', async () => {
  const { dataSource, trail } = await open();
  const animals = dataSource.getRepository(Animal);
  await animals.insert([{ name: 'a' }, { name: 'b' }]);
  await expect(dataSource.query('TRUNCATE TABLE animal')).rejects.toThrow(UnrecordedStatementError);
  await animals.clear();
  expect((await animals.save({ name: 'again' })).id).toBe(1);
  const { entries } = await trail.recent({ limit: 4 });
  expect(entries.map(({ operation }) => operation)).toEqual(['insert', 'truncate', 'delete', 'delete']);
});

test('figures come from the roll-ups and from what they do not hold yet', async () => {
  const { dataSource, trail } = await open();
  await auditContext.run(ann, () => dataSource.getRepository(Tag).insert([{ name: 'a' }, { name: 'b' }]));
  const counted = async () => {
    const { totalEntries, entriesByOperation } = await trail.stats();
    const { topActors, hours } = await trail.dashboard();
    return { totalEntries, entriesByOperation, topActors, now: hours.at(-1)!.count + hours.at(-2)!.count };
  };
  const before = await counted();
  expect(before).toEqual({
    totalEntries: 2,
    entriesByOperation: { insert: 2 },
    topActors: [{ name: ann.actor, count: 2 }],
    now: 2,
  });
  expect(await trail.flush()).toMatchObject({ flushed: 0, pendingCount: 0 });
  expect(await counted()).toEqual(before);
  await dataSource.query('DELETE FROM tag');
  expect((await counted()).totalEntries).toBe(4);
  await trail.flush();
  expect((await counted()).totalEntries).toBe(4);
});

test('a roll-up passes what has not committed by, and counts it later', async () => {
  const { dataSource, trail } = await open();
  const late = dataSource.createQueryRunner();
  await late.startTransaction();
  await late.query(`INSERT INTO tag (name) VALUES ('late')`);
  await dataSource.query(`INSERT INTO tag (name) VALUES ('early')`);
  await trail.flush();
  expect((await trail.stats()).totalEntries).toBe(1);
  expect((await trail.recent()).entries.map(({ entityId }) => entityId)).toEqual(['early']);
  await late.commitTransaction();
  await late.release();
  await trail.flush();
  expect((await trail.stats()).totalEntries).toBe(2);
  expect((await trail.recent()).entries.map(({ entityId }) => entityId)).toEqual(['early', 'late']);
});

test('a row is found by its key in whatever form the key is written', async () => {
  const { dataSource, trail } = await audited([Guided, Priced], { url: await freshDatabase() });
  const id = '6f9619ff-8b86-d011-b42d-00c04fc964ff';
  await dataSource.getRepository(Guided).insert({ id });
  await dataSource.query('INSERT INTO priced (price, at) VALUES (1.5, 1), (20, 1)');
  for (const form of [id, id.toUpperCase()]) {
    expect((await trail.history(Guided, form)).entries).toHaveLength(1);
    expect((await trail.history(Guided, { id: form })).entries).toHaveLength(1);
  }
  for (const price of ['1.5', 1.5, '1.5000', 20, '20.00']) {
    expect((await trail.history(Priced, { price, at: 1 })).entries).toHaveLength(1);
  }
});
