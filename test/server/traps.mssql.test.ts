import { Column, DataSource, Entity, PrimaryColumn, PrimaryGeneratedColumn } from 'typeorm';
import { expect, test } from 'vitest';
import { AuditTrail, auditContext, CaptureBrokenError, createDataSource, LogProtectedError } from '../../src/index';
import { ReasonRequiredError, UnsupportedDatabaseError } from '../../src/index';
import { afterTest, audited } from '../support/databases';
import { freshDatabase, needsSqlServer, stockOnServer, wire } from '../support/mssql';
import { Tag } from './entities';

@Entity()
class Note {
  @PrimaryGeneratedColumn()
  id!: number;

  @Column({ type: 'ntext', nullable: true })
  body!: string;
}

@Entity({ schema: 'sales' })
class Order {
  @PrimaryColumn()
  id!: number;

  @Column({ type: 'text' })
  what!: string;
}

@Entity()
class Loose {
  @PrimaryColumn()
  a!: number;

  @Column({ type: 'datetime2', nullable: true })
  at!: Date | null;
}

async function opened(dataSource: DataSource): Promise<DataSource> {
  afterTest(async () => {
    if (dataSource.isInitialized) await dataSource.destroy();
  });
  return dataSource.initialize();
}

const told = (trail: AuditTrail, limit = 50) =>
  trail.recent({ limit }).then(({ entries }) => entries.map(({ operation, entityId }) => `${operation} ${entityId}`));

test('a column that triggers cannot see is refused, with what to do about it', async () => {
  const dataSource = await stockOnServer([Note], await freshDatabase());
  await expect(AuditTrail.attach(dataSource)).rejects.toThrow(UnsupportedDatabaseError);
  await expect(AuditTrail.attach(dataSource)).rejects.toThrow(
    'ALTER TABLE [dbo].[note] ALTER COLUMN [body] nvarchar(max)',
  );
});

test('long texts of a DataSource that is made by its URL are such that triggers see them', async () => {
  const { dataSource, trail } = await audited([Note], { url: await freshDatabase() });
  const body = 'ü'.repeat(5000);
  await dataSource.getRepository(Note).save({ body });
  expect((await trail.recent()).entries[0]!.after).toEqual({ id: 1, body });
});

test('without migrate, attaching looks and says what to run; another class of the same table makes its trigger stale', async () => {
  const url = await freshDatabase();
  await stockOnServer([Tag], url);
  const look = () => createDataSource(url, { entities: [Tag], audit: { migrate: false, drain: false } });
  const first = look();
  await expect(AuditTrail.attach(first)).rejects.toThrow('The audit tables are not there.');
  if (first.isInitialized) await first.destroy();
  const { dataSource } = await audited([Tag], { url });
  await opened(look());
  await dataSource.query('ALTER TABLE tag ADD more int');
  const late = look();
  await expect(AuditTrail.attach(late)).rejects.toThrow(CaptureBrokenError);
  if (late.isInitialized) await late.destroy();
});

test('a change of the schema is followed before the next write, within its transaction as well', async () => {
  const { dataSource, trail } = await audited([Tag], { url: await freshDatabase() });
  await dataSource.transaction(async (manager) => {
    await manager.query('ALTER TABLE tag ADD colour nvarchar(20)');
    await manager.query(`INSERT INTO tag (name, colour) VALUES ('a', 'red')`);
  });
  await dataSource.query('ALTER TABLE tag DROP COLUMN colour');
  await dataSource.query('ALTER TABLE tag ADD size int');
  await dataSource.query('UPDATE tag SET size = 7');
  const { entries } = await trail.recent();
  expect(entries.map(({ after }) => after)).toEqual([
    { name: 'a', size: 7 },
    { name: 'a', colour: 'red' },
  ]);
  expect((await trail.stats()).capture).toMatchObject({ missingTriggers: [], staleTriggers: [] });
});

test('a transaction that changes the schema does not wait for itself, whatever was changed before it', async () => {
  const { dataSource, trail } = await audited([Tag], { url: await freshDatabase() });
  // As a first run of migrations does: their table is made before the transaction.
  await dataSource.query('CREATE TABLE done (name nvarchar(20))');
  await dataSource.transaction(async (manager) => {
    await manager.query('ALTER TABLE tag ADD colour nvarchar(20)');
    for (const name of ['a', 'b']) await manager.query(`INSERT INTO tag (name, colour) VALUES ('${name}', 'red')`);
  });
  const { entries } = await trail.recent();
  expect(entries.map(({ after }) => after)).toEqual([
    { name: 'b', colour: 'red' },
    { name: 'a', colour: 'red' },
  ]);
});

test('tables of another schema have a trail under their path', async () => {
  const url = await freshDatabase();
  const plain = await stockOnServer([], url);
  await plain.query('CREATE SCHEMA sales');
  const { dataSource, trail } = await audited([Order], { url });
  await dataSource.getRepository(Order).save({ id: 7, what: 'x' });
  await dataSource.getRepository(Order).update(7, { what: 'y' });
  const { entries } = await trail.history(Order, 7);
  expect(entries.map(({ operation, table }) => `${operation} ${table}`)).toEqual([
    'update sales.order',
    'insert sales.order',
  ]);
});

test('a table without a key, and columns that the database fills', async () => {
  const url = await freshDatabase();
  const plain = await stockOnServer([], url);
  await plain.query('CREATE TABLE loose (a int, b nvarchar(10))');
  await plain.query('CREATE TABLE filled (n int IDENTITY(5, 5), a int, twice AS a * 2)');
  const { dataSource, trail } = await audited([], { url, tables: ['loose', 'filled'] });
  expect(trail.describe().warnings).toEqual([expect.stringContaining('"loose" has no primary key')]);
  await dataSource.query(`INSERT INTO loose (a, b) VALUES (NULL, NULL), (1, 'x')`);
  await dataSource.query('UPDATE loose SET b = b');
  await dataSource.query(`UPDATE loose SET b = 'y' WHERE a = 1`);
  expect(await told(trail, 1)).toEqual(['update null']);
  await dataSource.query('INSERT INTO filled (a) VALUES (1), (2)');
  await dataSource.query('UPDATE filled SET a = a + 1 WHERE a = 1');
  const { entries } = await trail.recent({ limit: 3 });
  expect(entries[0]).toMatchObject({ operation: 'update', after: { n: 5, a: 2, twice: 4 } });
  expect(entries.slice(1).map(({ after }) => after)).toEqual([
    { n: 10, a: 2, twice: 4 },
    { n: 5, a: 1, twice: 2 },
  ]);
});

test('a change that lacks what it must know of its flow is refused in the database, and the log is protected', async () => {
  const { dataSource, trail } = await audited([Tag], { url: await freshDatabase(), requireReason: ['Tag'] });
  const insert = () => dataSource.query(`INSERT INTO tag (name) VALUES ('a')`);
  await expect(auditContext.run({ actor: 'ann' }, insert)).rejects.toThrow(ReasonRequiredError);
  await auditContext.run({ reason: 'because' }, insert);
  await expect(dataSource.query('DROP TABLE audit_entry')).rejects.toThrow(LogProtectedError);
  expect(await told(trail)).toEqual(['insert a']);
});

test('dropping the database of the application leaves the log', async () => {
  const { dataSource, trail } = await audited([Tag], { url: await freshDatabase() });
  await dataSource.getRepository(Tag).insert({ name: 'a' });
  await dataSource.synchronize(true);
  await dataSource.getRepository(Tag).insert({ name: 'b' });
  expect(await told(trail)).toEqual(['insert b', 'insert a']);
});

test('settings of whoever writes cut nothing of the record, and make nothing of what is not there', async () => {
  const { dataSource, trail } = await audited([Loose], { url: await freshDatabase() });
  await dataSource.query(`INSERT INTO loose (a, at) VALUES (1, NULL), (2, NULL)`);
  await dataSource.query(
    `SET ROWCOUNT 2; SET ANSI_WARNINGS, CONCAT_NULL_YIELDS_NULL OFF; UPDATE loose SET a = a + 10;
      SET ROWCOUNT 0; SET ANSI_WARNINGS, CONCAT_NULL_YIELDS_NULL ON`,
  );
  const { entries } = await trail.recent({ limit: 4 });
  expect(entries.map(({ operation }) => operation).sort()).toEqual(['delete', 'delete', 'insert', 'insert']);
  expect(entries.flatMap(({ before, after }) => [before, after])).toEqual(
    expect.arrayContaining([
      { a: 1, at: null },
      { a: 2, at: null },
      { a: 11, at: null },
      { a: 12, at: null },
    ]),
  );
});

test('a statement is the same to the server whoever sends it, and for whatever reason', async () => {
  const { dataSource } = await audited([Tag], { url: await freshDatabase() });
  const sent = await wire.during(async () => {
    for (const context of [{}, { actor: 'a' }, { actor: 'ann', reason: 'r'.repeat(99), metadata: { a: 1 } }]) {
      await auditContext.run(context, () => dataSource.query(`UPDATE tag SET name = @0`, ['x']));
    }
  });
  const declared = sent.map(({ sql, parameters }) => [sql, parameters.find(({ name }) => name === 'params')?.value]);
  expect(declared).toHaveLength(3);
  expect(new Set(declared.map((part) => JSON.stringify(part))).size).toBe(1);
});

test('a batch that returns early is recorded up to there, and leaves no transaction open', async () => {
  const { dataSource, trail } = await audited([Tag], { url: await freshDatabase() });
  const runner = dataSource.createQueryRunner();
  await runner.query(`INSERT INTO tag (name) VALUES ('a'); IF 1 = 1 RETURN; INSERT INTO tag (name) VALUES ('b')`);
  expect(await runner.query('SELECT @@TRANCOUNT AS open_ones')).toEqual([{ open_ones: 0 }]);
  await runner.release();
  expect(await told(trail)).toEqual(['insert a']);
});

test('rows that share the number that the database gave them are told apart', async () => {
  const url = await freshDatabase();
  const plain = await stockOnServer([], url);
  await plain.query(
    'CREATE TABLE ticket (code nvarchar(20) NOT NULL PRIMARY KEY, id int IDENTITY(1, 1), note nvarchar(20))',
  );
  await plain.query('CREATE TABLE stub (id int IDENTITY(1, 1), note nvarchar(20))');
  for (const table of ['ticket (code, id, note)', 'stub (id, note)']) {
    const [name] = table.split(' ');
    const rows =
      name === 'ticket'
        ? `(N'a', 1, N'one'), (N'b', 1, N'two'), (N'c', 2, N'three')`
        : `(1, N'one'), (1, N'two'), (2, N'three')`;
    await plain.query(
      `SET IDENTITY_INSERT ${name} ON; INSERT INTO ${table} VALUES ${rows}; SET IDENTITY_INSERT ${name} OFF`,
    );
  }
  const { dataSource, trail } = await audited([], { url, tables: ['ticket', 'stub'] });
  const changes = async (sql: string) => {
    await dataSource.query(sql);
    const { entries } = await trail.recent({ limit: 1 });
    const all = await trail.recent({ transactionId: entries[0]!.transactionId });
    return all.entries
      .map(({ operation, before, after }) => `${operation} ${String(before?.['note'])} ${String(after?.['note'])}`)
      .sort();
  };
  expect(await changes(`UPDATE ticket SET note = CONCAT(note, N'!')`)).toEqual([
    'update one one!',
    'update three three!',
    'update two two!',
  ]);
  // Only the number says which was which.
  expect(await changes(`UPDATE ticket SET code = CONCAT(code, code) WHERE code IN (N'a', N'c')`)).toEqual([
    'update one! one!',
    'update three! three!',
  ]);
  expect(await changes(`UPDATE stub SET note = CONCAT(note, N'!') WHERE note <> N'two'`)).toEqual([
    'update one one!',
    'update three three!',
  ]);
  expect(await changes(`UPDATE stub SET note = CONCAT(note, N'!') WHERE id = 1`)).toEqual([
    'delete one! undefined',
    'delete two undefined',
    'insert undefined one!!',
    'insert undefined two!',
  ]);
});

test('what readers pass by is locked row by row', async (context) => {
  await needsSqlServer(context, 'it keeps no options of indexes');
  const { dataSource } = await audited([Tag], { url: await freshDatabase() });
  const indexes = await dataSource.query<{ name: string }[]>(
    `SELECT name FROM sys.indexes WHERE object_id IN (OBJECT_ID('audit_entry'), OBJECT_ID('audit_context'), OBJECT_ID('audit_uncounted'))
      AND (allow_page_locks = 1 OR allow_row_locks = 0)`,
  );
  expect(indexes).toEqual([]);
});
