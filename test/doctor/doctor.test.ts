import { describe, expect, it } from 'vitest';
import {
  auditContext,
  type AuditTrail,
  type CheckProgress,
  type DifferenceKind,
  type DoctorOptions,
} from '../../src/index';
import { Account, Article, Content, Film, Item, Seat } from '../baseline/entities';
import { behindTheBack, fillItems, oldDatabase } from '../baseline/fill';
import { readColumnMaps } from '../conformance/read-column-maps';
import { readEntries } from '../../src/testing/read-trail';
import { replay, toRowChange } from '../../src/testing/oracle/replay';
import { differences } from '../../src/testing/oracle/snapshot';
import { takeSnapshot } from '../conformance/sqlite-snapshot';
import { audited } from '../support/databases';

/** Findings, each as one text. */
async function found(trail: AuditTrail, options: DoctorOptions = {}): Promise<string[]> {
  const { differences, counts } = await trail.doctor(options);
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  expect(total).toBe(differences.length);
  return differences.map(({ kind, entity, entityId, fields }) => [kind, entity, entityId, ...fields].join(' '));
}

/** A file with 50 items of which the trail knows, closed again. */
async function knownItems(): Promise<string> {
  const file = await oldDatabase([Item], (database) => fillItems(database, 50));
  const { dataSource, trail } = await audited([Item], { url: `sqlite:${file}` });
  await trail.baseline();
  await dataSource.destroy();
  return file;
}

describe('doctor()', () => {
  it('finds nothing where nobody went behind the back of the application, whatever that does', async () => {
    const { dataSource, trail } = await audited([Item, Seat, Content, Article, Film]);
    const items = dataSource.getRepository(Item);
    await items.insert(
      Array.from({ length: 30 }, (_, index) => ({
        name: `item ${index}`,
        price: index / 3,
        stock: '9007199254740993',
        active: true,
        meta: { index },
        madeAt: new Date(),
        picture: Buffer.from([index]),
      })),
    );
    await items.update({ id: 3 }, { note: 'changed' });
    await items.delete({ id: 4 });
    await dataSource.getRepository(Seat).insert({ row: 'A', number: 1, guest: 'anna' });
    await dataSource.query(`UPDATE seat SET "row" = 'a'`);
    await dataSource.getRepository(Article).save({ title: 'one', text: 'text' });
    await dataSource.query(`UPDATE content SET kind = 'Film', minutes = 3`);
    expect(await trail.doctor({ chunkSize: 7 })).toMatchObject({
      tables: [
        { table: 'content', rows: 1, differences: 0 },
        { table: 'item', rows: 29, differences: 0 },
        { table: 'seat', rows: 1, differences: 0 },
      ],
      rows: 31,
      counts: { changed: 0, added: 0, missing: 0, unknown: 0 },
      differences: [],
      accepted: 0,
      notCompared: [],
      skipped: [],
    });
  });

  it('finds what was changed, added and removed while the application was down', async () => {
    const file = await knownItems();
    behindTheBack(file, (database) => {
      database.exec(`UPDATE item SET name = 'x', note = 'x' WHERE id = 7;
        UPDATE item SET stock = stock + 1 WHERE id = 8;
        UPDATE item SET picture = x'0001' WHERE id = 9;
        UPDATE item SET picture = CAST(picture AS TEXT) WHERE id = 10;
        UPDATE item SET price = -0.0 WHERE id = 11;
        DELETE FROM item WHERE id = 12;
        UPDATE item SET id = 1000 WHERE id = 13`);
    });
    const { trail } = await audited([Item], { url: `sqlite:${file}` });
    const expected = [
      'changed Item 7 name note',
      'changed Item 8 stock',
      'changed Item 9 picture',
      'changed Item 10 picture',
      'changed Item 11 price',
      'added Item 1000',
      'missing Item 12',
      'missing Item 13',
    ];
    expect(await found(trail)).toEqual(expected);
    expect(await found(trail, { chunkSize: 3 })).toEqual(expected);
    expect(await trail.doctor({ limit: 2 })).toMatchObject({
      counts: { changed: 5, added: 1, missing: 2, unknown: 0 },
      differences: [{ entityId: '7' }, { entityId: '8' }],
    });
  });

  it('finds it while the application is up, and tells it from what the application does itself', async () => {
    const file = await knownItems();
    const { dataSource, trail } = await audited([Item], { url: `sqlite:${file}` });
    behindTheBack(file, (database) => database.exec(`UPDATE item SET name = 'x' WHERE id IN (1, 2, 3)`));
    // The trail sees what the row is now, and what it was when the application met it.
    await dataSource.manager.update(Item, { id: 2 }, { note: 'by the application' });
    await dataSource.manager.delete(Item, { id: 3 });
    behindTheBack(file, (database) =>
      database.exec(`UPDATE item SET note = 'again' WHERE id = 2; INSERT INTO item
      SELECT 3, name, note, price, stock, active, meta, madeAt, picture FROM item WHERE id = 4`),
    );
    expect(await found(trail)).toEqual(['changed Item 1 name', 'changed Item 2 note', 'added Item 3']);
  });

  it('takes nothing that the application does meanwhile for a difference', async () => {
    const file = await knownItems();
    const { dataSource, trail } = await audited([Item], { url: `sqlite:${file}` });
    const writes: Promise<unknown>[] = [];
    const onProgress = ({ done }: CheckProgress) => {
      const id = Math.ceil(done / 2);
      writes.push(dataSource.manager.update(Item, { id: 50 - id }, { name: `changed ${done}` }));
      writes.push(dataSource.manager.delete(Item, { id: 51 - id }));
      writes.push(dataSource.query(`UPDATE item SET id = id + 1000 WHERE id = ${id + 1}`));
    };
    expect(await found(trail, { chunkSize: 5, onProgress })).toEqual([]);
    await Promise.all(writes);
    expect(writes.length).toBeGreaterThan(30);
    expect(await found(trail, { accept: true })).toEqual([]);
  });

  it('says that it knows nothing of rows without an entry, until there is a baseline', async () => {
    const file = await oldDatabase([Item], (database) => fillItems(database, 3));
    const { trail } = await audited([Item], { url: `sqlite:${file}` });
    expect(await found(trail)).toEqual(['unknown Item 1', 'unknown Item 2', 'unknown Item 3']);
    await trail.baseline();
    expect(await found(trail)).toEqual([]);
    behindTheBack(file, (database) =>
      database.exec(
        'INSERT INTO item SELECT 4, name, note, price, stock, active, meta, madeAt, picture FROM item LIMIT 1',
      ),
    );
    expect(await found(trail)).toEqual(['added Item 4']);
  });

  it('records what it finds with accept, so that the log leads to the tables again', async () => {
    const file = await knownItems();
    behindTheBack(file, (database) => {
      database.exec(`UPDATE item SET name = 'x' WHERE id = 7; DELETE FROM item WHERE id = 8;
        INSERT INTO item SELECT 99, name, note, price, stock, active, meta, madeAt, picture FROM item WHERE id = 1`);
    });
    const { trail } = await audited([Item], { url: `sqlite:${file}` });
    const accepted = await auditContext.run({ actor: 'anna', reason: 'import' }, () => trail.doctor({ accept: true }));
    expect(accepted).toMatchObject({ counts: { changed: 1, added: 1, missing: 1, unknown: 0 }, accepted: 3 });
    expect(await found(trail)).toEqual([]);
    const { entries } = await trail.recent({ operation: 'reconcile' });
    expect(entries).toMatchObject([
      { entityId: '8', before: { name: 'item 8' }, after: null, actor: 'anna', reason: 'import' },
      { entityId: '99', before: null, after: { name: 'item 1' } },
      { entityId: '7', changes: [{ field: 'name', before: 'item 7', after: 'x' }] },
    ]);
    const maps = readColumnMaps(file);
    const now = takeSnapshot(file);
    const nothing = new Map([...now].map(([name, table]) => [name, { ...table, rows: new Map() }]));
    const changes = (await readEntries(trail, maps, 0)).map((entry) => toRowChange(entry, maps));
    const { state, problems } = replay(nothing, changes, 'forwards');
    expect([...problems, ...differences(state, now)]).toEqual([]);
  });

  it('knows composite keys to the letter, and the classes of a table', async () => {
    const entities = [Seat, Content, Article, Film];
    const file = await oldDatabase(entities);
    const { dataSource, trail } = await audited(entities, { url: `sqlite:${file}` });
    await dataSource.getRepository(Seat).insert([1, 2, 3].map((number) => ({ row: 'A', number, guest: 'anna' })));
    await dataSource.getRepository(Article).save([
      { title: 'one', text: 'a' },
      { title: 'two', text: 'b' },
    ]);
    await dataSource.getRepository(Film).save({ title: 'three', minutes: 90 });
    await trail.baseline();
    behindTheBack(file, (database) => {
      database.exec(`UPDATE seat SET guest = 'ANNA' WHERE number = 1;
        UPDATE seat SET "row" = 'a' WHERE number = 2;
        UPDATE content SET kind = 'Film', minutes = 1 WHERE id = 1;
        DELETE FROM content WHERE id = 3`);
    });
    expect(await found(trail)).toEqual([
      'changed Film 1 minutes kind',
      'missing Film 3',
      'changed Seat {"row":"A","number":1} guest',
      'added Seat {"row":"a","number":2}',
      'missing Seat {"row":"A","number":2}',
    ]);
    await trail.doctor({ accept: true });
    expect(await found(trail)).toEqual([]);
  });

  it('names the columns that it cannot compare', async () => {
    const { dataSource, trail } = await audited([Account]);
    await dataSource.getRepository(Account).insert({ name: 'anna', password: 'secret', scratch: '1' });
    await dataSource.getRepository(Account).update({ id: 1 }, { password: 'other' });
    expect(await trail.doctor()).toMatchObject({
      differences: [],
      notCompared: [
        { table: 'account', column: 'password', reason: 'redacted' },
        { table: 'account', column: 'scratch', reason: 'not audited' },
      ],
    });
  });

  it('compares what an earlier shape of the table had, and tells how far it is', async () => {
    const file = await knownItems();
    const { dataSource, trail } = await audited([Item], { url: `sqlite:${file}` });
    await dataSource.query(`ALTER TABLE item ADD COLUMN later TEXT DEFAULT 'new'`);
    await dataSource.query(`ALTER TABLE item DROP COLUMN note`);
    expect(await found(trail)).toEqual([]);
    behindTheBack(file, (database) => database.exec(`UPDATE item SET name = 'x', later = 'x' WHERE id = 5`));
    const seen: [number, number][] = [];
    const onProgress = ({ done, total }: { done: number; total: number }) => seen.push([done, total]);
    expect(await found(trail, { onProgress, chunkSize: 40 })).toEqual(['changed Item 5 name']);
    expect(seen).toEqual([40, 50, 90, 100].map((done) => [done, 100]));
    await trail.doctor({ accept: true });
    behindTheBack(file, (database) => database.exec(`UPDATE item SET later = 'y' WHERE id = 5`));
    expect(await found(trail)).toEqual(['changed Item 5 later']);
  });

  it('names the tables that it cannot look at', async () => {
    const { dataSource, trail } = await audited([Item, Seat]);
    await dataSource.query('DROP TABLE item');
    await dataSource.query('DROP TABLE seat');
    await dataSource.query('CREATE TABLE seat ("row" TEXT PRIMARY KEY, number INTEGER, guest TEXT)');
    await dataSource.query(`INSERT INTO seat VALUES (CAST(x'41ff' AS TEXT), 1, '')`);
    const skipped = [
      { table: 'item', reason: 'the table is not there' },
      { table: 'seat', reason: 'a key in it is no valid UTF-8' },
    ];
    expect(await trail.doctor()).toMatchObject({ tables: [], skipped });
    expect(await trail.baseline()).toMatchObject({ tables: [], skipped });
  });

  it.each<DifferenceKind>(['changed', 'added', 'missing'])('accepts a whole table that is %s', async (kind) => {
    const file = await knownItems();
    behindTheBack(file, (database) => {
      if (kind === 'changed') database.exec(`UPDATE item SET name = name || '!'`);
      else if (kind === 'missing') database.exec(`DELETE FROM item`);
      else
        database.exec(
          `INSERT INTO item SELECT id + 50, name, note, price, stock, active, meta, madeAt, picture FROM item`,
        );
    });
    const { trail } = await audited([Item], { url: `sqlite:${file}` });
    expect(await trail.doctor({ accept: true, chunkSize: 20 })).toMatchObject({ counts: { [kind]: 50 }, accepted: 50 });
    expect(await found(trail)).toEqual([]);
    expect((await trail.stats()).entriesByOperation).toEqual({ baseline: 50, reconcile: 50 });
  });
});
