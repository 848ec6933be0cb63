import Database from 'better-sqlite3';
import { DataSource, EntitySchema } from 'typeorm';
import { describe, expect, it } from 'vitest';
import { type AuditTrailOptions, InvalidOptionError, InvalidQueryError } from '../../src/index';
import { audited, temporaryFile } from '../support/databases';

interface Address {
  city: string;
}

const Place = new EntitySchema<Address>({ name: 'Place', columns: { city: { type: 'varchar' } } });
const Town = new EntitySchema<{ name: string }>({ name: 'Town', columns: { name: { type: 'varchar' } } });

/** The entity before: all of its names are other ones today. */
const Bill = new EntitySchema<{ id: number; amount: number; secret: string | null; place: Address }>({
  name: 'Bill',
  columns: {
    id: { type: 'integer', primary: true },
    amount: { type: 'integer' },
    secret: { type: 'varchar', nullable: true, select: false },
  },
  embeddeds: { place: { schema: Place } },
});
const Invoice = new EntitySchema<{ id: number; total: number; token: string | null; address: { name: string } }>({
  name: 'Invoice',
  columns: {
    id: { type: 'integer', primary: true },
    total: { type: 'integer' },
    token: { type: 'varchar', nullable: true, select: false },
  },
  embeddeds: { address: { schema: Town } },
});
const renamed = {
  Invoice: { was: ['Bill'], properties: { total: ['amount'], token: ['secret'], 'address.name': ['place.city'] } },
};
const migration = [
  'ALTER TABLE bill RENAME TO invoice',
  'ALTER TABLE invoice RENAME COLUMN amount TO total',
  'ALTER TABLE invoice RENAME COLUMN secret TO token',
  'ALTER TABLE invoice RENAME COLUMN placeCity TO addressName',
];

/** Two changes as bill, the migration, one change as invoice. */
async function withBoth(options: AuditTrailOptions = { renamed }) {
  const file = temporaryFile();
  const before = await audited([Bill], { url: `sqlite:${file}` });
  await before.dataSource.getRepository('Bill').insert([
    { id: 1, amount: 10, secret: 's1', place: { city: 'Bern' } },
    { id: 2, amount: 20, secret: null, place: { city: 'Biel' } },
  ]);
  await before.dataSource.getRepository('Bill').update(1, { amount: 11 });
  await before.trail.baseline();
  await before.dataSource.destroy();
  const database = new Database(file);
  migration.forEach((statement) => database.exec(statement));
  const log = () => JSON.stringify(new Database(file, { readonly: true }).prepare('SELECT * FROM audit_entry').all());
  const recorded = log();
  database.close();
  const after = await audited([Invoice], { url: `sqlite:${file}`, ...options });
  return { ...after, file, log, recorded };
}

describe('renamed entities and properties', () => {
  it('are shown and found under the names of today, and the log stays as it is', async () => {
    const { dataSource, trail, log, recorded } = await withBoth();
    const { entries } = await trail.history('Invoice', 1);
    expect(entries).toMatchObject([
      {
        entity: 'Invoice',
        table: 'bill',
        before: { id: 1, total: 10, 'address.name': 'Bern' },
        after: { id: 1, total: 11, 'address.name': 'Bern' },
        changes: [{ field: 'total', before: 10, after: 11 }],
      },
      { entity: 'Invoice', operation: 'insert' },
    ]);
    expect(Object.keys(entries[0]!.after!)).not.toContain('amount');
    expect(await trail.asOf('Invoice', 1, new Date())).toMatchObject({ image: { total: 11 }, unrestorable: [] });
    expect(log()).toBe(recorded);

    await dataSource.getRepository('Invoice').update(2, { total: 21 });
    const ids = async (query: object) => (await trail.recent({ fresh: true, ...query })).entries.map(({ id }) => id);
    expect(await ids({ entity: 'Invoice' })).toEqual([4, 3, 2, 1]);
    expect(await ids({ entity: 'Bill' })).toEqual([4, 3, 2, 1]);
    expect(await ids({ field: 'total', operation: 'update' })).toEqual([4, 3]);
    expect(await ids({ field: 'amount', operation: 'update' })).toEqual([4, 3]);
    expect(await ids({ field: 'address.name' })).toEqual([2, 1]);
    expect((await trail.dashboard()).topEntities).toEqual([{ name: 'Invoice', count: 4 }]);
    const first = await trail.recent({ entity: 'Invoice', limit: 2 });
    const second = await trail.recent({ entity: 'Invoice', limit: 2, cursor: first.nextCursor! });
    expect([...first.entries, ...second.entries].map(({ id }) => id)).toEqual([4, 3, 2, 1]);
    expect(second.nextCursor).toBeNull();
  });

  it('stay masked, and are revealed under either name', async () => {
    const { trail } = await withBoth();
    const tokenOf = async (...reveal: string[]) =>
      (await trail.recent({ reveal })).entries.find(({ entityId }) => entityId === '1')!.after!['token'];
    expect(await tokenOf()).toEqual({ $masked: true });
    for (const name of ['Invoice.token', 'Bill.secret']) expect(await tokenOf(name)).toBe('s1');
    await expect(trail.recent({ reveal: ['Invoice.total'] })).rejects.toThrow(InvalidQueryError);
  });

  it('are no differences to the doctor, and get no second baseline', async () => {
    const { dataSource, trail, file } = await withBoth();
    expect(await trail.doctor()).toMatchObject({ rows: 2, differences: [], notCompared: [] });
    expect(await trail.baseline()).toMatchObject({ rows: 2, recorded: 0 });
    const database = new Database(file);
    database.exec(`UPDATE invoice SET total = 99 WHERE id = 1; DELETE FROM invoice WHERE id = 2;
      INSERT INTO invoice VALUES (3, 30, NULL, 'Chur')`);
    database.close();
    const { differences } = await trail.doctor({ accept: true });
    expect(differences).toMatchObject([
      { kind: 'changed', entity: 'Invoice', entityId: '1', fields: ['total'] },
      { kind: 'added', entity: 'Invoice', entityId: '3' },
      { kind: 'missing', entity: 'Invoice', entityId: '2' },
    ]);
    expect((await trail.doctor()).differences).toEqual([]);
    const { entries } = await trail.recent({ operation: 'reconcile', entityId: '1' });
    expect(entries[0]!.changes).toEqual([{ field: 'total', before: 11, after: 99 }]);
    await dataSource.destroy();
  });

  it('without the option, are what they were recorded as', async () => {
    const { trail } = await withBoth({});
    expect((await trail.recent({ limit: 1 })).entries[0]).toMatchObject({ entity: 'Bill', after: { amount: 11 } });
    expect((await trail.recent({ entity: 'Invoice' })).entries).toEqual([]);
  });

  it('keep the recorded names where an entry has both', async () => {
    const { trail, file } = await withBoth({});
    const database = new Database(file);
    // As after a migration that adds a column, copies, and drops the other.
    const text = `REPLACE(value, '"property":"place.city"', '"property":"total"')`;
    database.exec(`UPDATE audit_meta SET value = ${text} WHERE name LIKE 'map:%' AND value LIKE '%"bill"%'`);
    database.exec(`UPDATE audit_entry SET after_image = REPLACE(after_image, '"place.city"', '"total"')`);
    database.close();
    await trail.dataSource.destroy();
    const again = await audited([Invoice], { url: `sqlite:${file}`, renamed });
    const { entries } = await again.trail.history('Invoice', 2);
    expect(entries[0]).toMatchObject({ entity: 'Invoice', after: { id: 2, amount: 20, total: 'Biel' } });
  });

  it.each<[object, RegExp]>([
    [{ Invoyce: { was: ['Bill'] } }, /"Invoyce" is no entity/],
    [{ Invoice: { was: ['Other'] } }, /"Other" is the name of an entity of today/],
    [{ Invoice: { was: ['Bill'] }, Other: { was: ['Bill'] } }, /"Bill" is given as an earlier name twice/],
    [{ Invoice: { properties: { totl: ['amount'] } } }, /no property "totl"/],
    [{ Invoice: { properties: { total: ['token'] } } }, /"token" is a property of Invoice today/],
    [{ Invoice: { properties: { total: ['a'], token: ['a'] } } }, /earlier name of two properties/],
    [{ Invoice: { was: 'Bill' } }, /must be like/],
    [{ Invoice: { names: ['Bill'] } }, /must be like/],
  ])('%j are refused when attaching', async (wrong, message) => {
    const Other = new EntitySchema({ name: 'Other', columns: { id: { type: 'integer', primary: true } } });
    const attempt = audited([Invoice, Other], { renamed: wrong as never });
    await expect(attempt).rejects.toThrow(message);
    await expect(attempt).rejects.toThrow(InvalidOptionError);
  });
});

describe('a renamed part of a composite key', () => {
  const seat = (name: string) =>
    new EntitySchema({
      name: 'Seat',
      columns: {
        [name]: { type: 'varchar', primary: true },
        number: { type: 'integer', primary: true },
        guest: { type: 'varchar' },
      },
    });

  it('leads to the same row', async () => {
    const file = temporaryFile();
    const before = await audited([seat('row')], { url: `sqlite:${file}` });
    await before.dataSource.getRepository('Seat').insert([1, 2].map((number) => ({ row: 'A', number, guest: 'ann' })));
    await before.trail.baseline();
    await before.dataSource.destroy();
    const plain = new DataSource({ type: 'better-sqlite3', database: file });
    await plain.initialize();
    await plain.query('ALTER TABLE seat RENAME COLUMN "row" TO line');
    await plain.destroy();
    const { dataSource, trail } = await audited([seat('line')], {
      url: `sqlite:${file}`,
      renamed: { Seat: { properties: { line: ['row'] } } },
    });
    await dataSource.getRepository('Seat').update({ line: 'A', number: 1 }, { guest: 'bob' });
    const id = '{"line":"A","number":1}';
    const { entries } = await trail.history('Seat', { number: 1, line: 'A' });
    expect(entries.map(({ operation, entityId }) => [operation, entityId])).toEqual([
      ['update', id],
      ['insert', id],
    ]);
    expect((await trail.recent({ entity: 'Seat', entityId: id })).entries).toHaveLength(2);
    expect(await trail.doctor()).toMatchObject({ rows: 2, differences: [] });
    expect(await trail.baseline()).toMatchObject({ rows: 2, recorded: 0 });
    await dataSource.getRepository('Seat').delete({ line: 'A', number: 1 });
    expect(await trail.doctor()).toMatchObject({ rows: 1, differences: [] });
  });
});
