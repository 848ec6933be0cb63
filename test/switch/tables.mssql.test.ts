import fc from 'fast-check';
import { DataSource, EntitySchema } from 'typeorm';
import { describe, expect, it } from 'vitest';
import { auditContext, AuditTrail, createDataSource } from '../../src/index';
import { switchDatabase } from '../../src/switch/switch-database';
import { afterTest, audited, stock, temporaryFile } from '../support/databases';
import { freshDatabase, needsSqlServer, serverOptions, stockOnServer } from '../support/mssql';
import { Country, entities, fill, fillCycles, plainEntities, readAll, Skill } from './application';

type Entities = typeof entities;

async function source(of: Entities, people = 12): Promise<string> {
  const url = `sqlite:${temporaryFile('source.sqlite')}`;
  const { dataSource, trail } = await audited(of, { url });
  await auditContext.run({ actor: 'ann' }, async () => {
    await fill(dataSource.manager, people);
    if (of === entities) await fillCycles(dataSource.manager);
  });
  await trail.flush();
  await dataSource.destroy();
  return url;
}

async function readFile(url: string, of: Entities) {
  const database = url.slice('sqlite:'.length);
  const dataSource = await new DataSource({ type: 'better-sqlite3', database, entities: of }).initialize();
  return withTexts(await readAll(dataSource).finally(() => dataSource.destroy()));
}

async function readServer(url: string, of: Entities) {
  const dataSource = await new DataSource({ ...serverOptions(url), entities: of }).initialize();
  return withTexts(await readAll(dataSource).finally(() => dataSource.destroy()));
}

/** TypeORM reads whole numbers of 64 bits as numbers from one database, and as texts from the other. */
function withTexts(found: Record<string, unknown[]>) {
  for (const person of found['Person'] as { big: bigint | null }[]) {
    if (person.big !== null) person.big = BigInt(person.big);
  }
  return found;
}

const failures = (steps: readonly { name: string; status: string; detail: string }[]) =>
  steps.filter(({ status }) => status === 'failed');

describe("moving the application's tables to a server and back", () => {
  it('brings every row, and TypeORM reads the same', { timeout: 120_000 }, async () => {
    const from = await source(plainEntities);
    const server = await freshDatabase();
    const back = `sqlite:${temporaryFile('back.sqlite')}`;
    const options = { tables: 'all' as const, application: { entities: plainEntities }, synchronize: true };
    const there = await switchDatabase(from, server, options);
    expect(failures(there.steps)).toEqual([]);
    const before = await readFile(from, plainEntities);
    expect(await readServer(server, plainEntities)).toEqual(before);
    const home = await switchDatabase(server, back, options);
    expect(failures(home.steps)).toEqual([]);
    expect(await readFile(back, plainEntities)).toEqual(before);
    expect(home.tables.map(({ table, from: digest }) => [table, digest])).toEqual(
      there.tables.map(({ table, from: digest }) => [table, digest]),
    );
  });

  it('captures none of it, and leaves no difference for the doctor', { timeout: 120_000 }, async () => {
    const from = await source(plainEntities);
    const server = await freshDatabase();
    // With the triggers that write entries.
    await (await audited(plainEntities, { url: server })).dataSource.destroy();
    const options = { tables: 'all' as const, application: { entities: plainEntities }, context: { actor: 'dba' } };
    const report = await switchDatabase(from, server, options);
    expect(failures(report.steps)).toEqual([]);
    const { trail, dataSource } = await attached(server);
    expect(await trail.stats()).toMatchObject({ totalEntries: report.comparison!.entries + 1 });
    const { entries } = await trail.recent({ limit: 1 });
    expect(entries[0]).toMatchObject({ operation: 'event', actor: 'dba', after: { data: { tables: { person: 12 } } } });
    expect(await trail.doctor()).toMatchObject({ differences: [], skipped: [] });
    // The third was deleted.
    expect(await dataSource.getRepository(Skill).save({ name: 'next' })).toMatchObject({ id: 4 });
    expect(await trail.recent({ limit: 1 })).toMatchObject({ entries: [{ operation: 'insert', entityId: '4' }] });
  });

  it(
    'brings rows that refer to each other, with foreign keys that are trusted',
    { timeout: 120_000 },
    async (context) => {
      await needsSqlServer(context, 'a foreign key can not be switched off');
      const from = await source(entities);
      const server = await freshDatabase();
      const options = { tables: 'all' as const, application: { entities }, synchronize: true };
      expect(failures((await switchDatabase(from, server, options)).steps)).toEqual([]);
      expect(await readServer(server, entities)).toEqual(await readFile(from, entities));
      const dataSource = await new DataSource(serverOptions(server)).initialize();
      const keys = await dataSource.query(
        'SELECT name FROM sys.foreign_keys WHERE is_disabled = 1 OR is_not_trusted = 1',
      );
      await dataSource.destroy();
      expect(keys).toEqual([]);
    },
  );

  it('looks at the columns that the target has, and refuses tables with rows', { timeout: 90_000 }, async () => {
    const from = await source(plainEntities);
    const server = await freshDatabase();
    const target = await stockOnServer(plainEntities, server);
    await target.query('ALTER TABLE person ALTER COLUMN note nvarchar(5)');
    await target.getRepository(Country).insert({ code: 'x', name: 'y' });
    await target.destroy();
    const report = await switchDatabase(from, server, { tables: 'all', application: { entities: plainEntities } });
    expect(failures(report.steps).map(({ name, detail }) => [name, detail.replace(/, of the row.*/, '')])).toEqual([
      ['rows', "The target's tables have rows that no run of this switch has brought: country has 1."],
      ['data', 'person: note holds longer than 5 characters'],
    ]);
  });
});

async function attached(url: string) {
  const dataSource = createDataSource(url, { entities: plainEntities, audit: { drain: false } });
  const trail = await AuditTrail.attach(dataSource);
  afterTest(() => dataSource.destroy());
  return { dataSource, trail };
}

/** What an application has that decides on types by its database. */
const filed = (kind: 'file' | 'server') =>
  new EntitySchema<Stored>({
    name: 'Stored',
    tableName: 'stored',
    ...(kind === 'server' && { schema: 'files' }),
    columns: {
      key: { type: kind === 'file' ? 'varchar' : 'nvarchar', length: '36', primary: true },
      bytes: {
        type: kind === 'file' ? 'blob' : 'varbinary',
        ...(kind === 'server' && { length: 'max' }),
        nullable: true,
      },
      at: { type: kind === 'file' ? 'datetime' : 'datetime2', nullable: true },
      note: {
        type: kind === 'file' ? 'text' : 'nvarchar',
        ...(kind === 'server' && { length: 'max' }),
        nullable: true,
      },
      data: { type: 'simple-json', nullable: true },
      isFine: { type: kind === 'file' ? 'boolean' : 'bit', nullable: true },
      size: { type: kind === 'file' ? 'double' : 'float', nullable: true },
      price: { type: 'decimal', precision: 15, scale: 4, nullable: true },
      big: { type: 'bigint', nullable: true },
    },
  });

interface Stored {
  key: string;
  bytes: Buffer | null;
  at: Date | null;
  note: string | null;
  data: unknown;
  isFine: boolean | null;
  size: number | null;
  price: number | null;
  big: string | null;
}

const stored = {
  key: fc.uuid(),
  bytes: fc.option(fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes))),
  at: fc.option(fc.date({ min: new Date('0001-01-02'), max: new Date('9999-12-30'), noInvalidDate: true })),
  note: fc.option(fc.string({ unit: 'grapheme' }).map((text) => text.replaceAll('\0', ''))),
  data: fc.option(
    fc.jsonValue().map((value) => JSON.parse(JSON.stringify(value).replaceAll('\\u0000', '')) as unknown),
  ),
  isFine: fc.option(fc.boolean()),
  size: fc.option(fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e300, max: 1e300 })),
  price: fc.option(fc.integer({ min: -(10 ** 9), max: 10 ** 9 }).map((number) => number / 10_000)),
  big: fc.option(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String)),
};

it(
  'any values come back from a server as they went there, of types that each database has',
  { timeout: 120_000 },
  async () => {
    const file = temporaryFile('source.sqlite');
    const { dataSource } = await audited([filed('file')], { url: `sqlite:${file}` });
    for (const row of fc.sample(fc.record(stored), { numRuns: 200, seed: 7 })) {
      // Beyond 2^53 the driver binds what it is given as a text, which the column makes a number of.
      await dataSource.getRepository<Stored>('Stored').insert(row as never);
    }
    await dataSource.destroy();
    const server = await freshDatabase();
    const target = new DataSource({ ...serverOptions(server), entities: [filed('server')] });
    await target.initialize();
    await target.query('CREATE SCHEMA files');
    // Without a primary key, by which the others are read.
    await target.query(
      `CREATE TABLE files.stored ([key] nvarchar(36) NOT NULL, bytes varbinary(max), at datetime2(7), note nvarchar(max),
      data nvarchar(max), isFine bit, size float, price decimal(15, 4), big bigint)`,
    );
    await target.destroy();
    const back = temporaryFile('back.sqlite');
    await (await stock([filed('file')], back)).destroy();
    // The module of the application has the types of the one or of the other database.
    const there = await switchDatabase(`sqlite:${file}`, server, {
      tables: 'all',
      application: { entities: [filed('server')] },
    });
    expect(failures(there.steps)).toEqual([]);
    const again = { tables: 'all' as const, application: { entities: [filed('server')] } };
    const home = await switchDatabase(server, `sqlite:${back}`, again);
    expect(failures(home.steps)).toEqual([]);
    const rows = async (database: string) => {
      const opened = await new DataSource({ type: 'better-sqlite3', database, entities: [filed('file')] }).initialize();
      const found = await opened.query('SELECT *, CAST(big AS TEXT) AS big FROM stored ORDER BY "key"');
      const read = await opened.getRepository<Stored>('Stored').find({ order: { key: 'ASC' } });
      await opened.destroy();
      return { found: found as unknown, read };
    };
    expect(await rows(back)).toEqual(await rows(file));
  },
);
