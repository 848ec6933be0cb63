import { Column, Entity, PrimaryColumn } from 'typeorm';
import { expect, test } from 'vitest';
import type { AuditTrail } from '../../src/index';
import { audited } from '../support/databases';
import { freshDatabase } from '../support/mssql';

@Entity()
class Ticket {
  @PrimaryColumn({ type: 'uniqueidentifier' })
  id!: string;

  @Column({ nullable: true })
  note!: string;
}

@Entity()
class Rate {
  @PrimaryColumn({ type: 'decimal', precision: 12, scale: 4 })
  level!: string;

  @PrimaryColumn({ type: 'bigint' })
  code!: string;

  @Column({ nullable: true })
  note!: string;
}

@Entity()
class Country {
  @PrimaryColumn({ length: 10, collation: 'Latin1_General_CI_AS' })
  code!: string;

  @Column({ nullable: true })
  note!: string;
}

@Entity()
class Reading {
  @PrimaryColumn({ type: 'float' })
  at!: number;
}

const open = async (...entities: Parameters<typeof audited>[0] & unknown[]) =>
  audited(entities, { url: await freshDatabase() });
const operations = async (trail: AuditTrail, entity: Parameters<AuditTrail['history']>[0], id: unknown) =>
  (await trail.history(entity, id)).entries.map(({ operation }) => operation);
const later = () => new Date(Date.now() + 60_000);

test('a row is found by its uniqueidentifier in capitals and in small letters', async () => {
  const { dataSource, trail } = await open(Ticket);
  const id = '6f9619ff-8b86-d011-b42d-00c04fc964ff';
  await dataSource.getRepository(Ticket).insert({ id });
  await dataSource.getRepository(Ticket).update({ id }, { note: 'x' });
  for (const given of [id, id.toUpperCase()]) {
    expect(await operations(trail, Ticket, given)).toEqual(['update', 'insert']);
    expect(await trail.asOf(Ticket, given, later())).toMatchObject({ image: { id, note: 'x' } });
  }
  for (const entityId of [id, id.toUpperCase()]) {
    expect((await trail.recent({ entity: 'Ticket', entityId })).entries).toHaveLength(2);
  }
  const [update] = (await trail.history(Ticket, id)).entries;
  expect(await trail.revert(Ticket, id, { beforeEntry: update!.id })).toMatchObject({ operation: 'update' });
  expect(await trail.doctor()).toMatchObject({ differences: [] });
});

test('a decimal in a key is the same however many zeros stand behind it, and a bigint as text and as number', async () => {
  const { dataSource, trail } = await open(Rate);
  await dataSource.query(`INSERT INTO rate (level, code) VALUES (1.5, 7), (20, 8), (0, 9007199254740993)`);
  expect(await operations(trail, Rate, { level: '1.5', code: '7' })).toEqual(['insert']);
  expect(await operations(trail, Rate, { level: '1.5000', code: 7 })).toEqual(['insert']);
  expect(await operations(trail, Rate, { level: 20, code: 8 })).toEqual(['insert']);
  expect(await operations(trail, Rate, { level: 0, code: '9007199254740993' })).toEqual(['insert']);
  expect((await trail.recent()).entries.map(({ entityId }) => entityId).sort()).toEqual([
    '{"level":"0","code":"9007199254740993"}',
    '{"level":"1.5","code":"7"}',
    '{"level":"20","code":"8"}',
  ]);
  expect(await trail.doctor()).toMatchObject({ differences: [] });
});

test('where case makes no other key, a row is found under the case that it has, and that it had', async () => {
  const { dataSource, trail } = await open(Country);
  await dataSource.query(`INSERT INTO country (code) VALUES ('Abc')`);
  await dataSource.query(`UPDATE country SET note = 'x' WHERE code = 'aBC'`);
  for (const given of ['Abc', 'abc', 'ABC', 'aBc'])
    expect(await operations(trail, Country, given)).toEqual(['update', 'insert']);
  await dataSource.query(`UPDATE country SET code = 'ABC'`);
  await dataSource.query(`UPDATE country SET note = 'y'`);
  for (const given of ['Abc', 'abc', 'ABC']) {
    expect(await operations(trail, Country, given)).toEqual(['update', 'update', 'update', 'insert']);
    expect(await trail.asOf(Country, given, later())).toMatchObject({ image: { code: 'ABC', note: 'y' } });
  }
  const { entries } = await trail.history(Country, 'abc');
  expect(await trail.asOf(Country, 'abc', { beforeEntry: entries[1]!.id })).toMatchObject({ image: { code: 'Abc' } });
  expect(await trail.doctor()).toMatchObject({ differences: [] });
  expect(await trail.revert(Country, 'abc', { beforeEntry: entries[1]!.id })).toMatchObject({
    restored: ['code', 'note'],
  });
  expect(await dataSource.query('SELECT code, note FROM country')).toEqual([{ code: 'Abc', note: 'x' }]);
  await dataSource.query('DELETE FROM country');
  expect(await operations(trail, Country, 'Abc')).toHaveLength(6);
});

test('a key that entries name in a form of their own is warned of, and left out by the checks', async () => {
  const { trail } = await open(Reading);
  expect(trail.describe().warnings).toEqual([expect.stringContaining('"reading" has a floating number in its key')]);
  const skipped = [{ table: 'reading', reason: 'entries name its key as the database writes it' }];
  expect(await trail.doctor()).toMatchObject({ skipped });
  expect(await trail.baseline()).toMatchObject({ skipped });
});
