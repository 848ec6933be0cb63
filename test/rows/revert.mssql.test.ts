import { Column, Entity, PrimaryColumn, PrimaryGeneratedColumn, VersionColumn } from 'typeorm';
import { describe, expect, it } from 'vitest';
import {
  auditContext,
  InvalidQueryError,
  NotAudited,
  NotRestorableError,
  Redacted,
  RowDiffersError,
  RowMovedError,
} from '../../src/index';
import { audited } from '../support/databases';
import { freshDatabase, needsSqlServer, stockOnServer } from '../support/mssql';

@Entity()
class Login {
  @PrimaryGeneratedColumn()
  id!: number;

  @Column()
  name!: string;

  @Redacted()
  @Column()
  password!: string;

  @NotAudited()
  @Column({ default: 'none' })
  cache!: string;

  @Column({ type: 'int', asExpression: 'LEN(name)', generatedType: 'STORED', insert: false, update: false })
  size!: number;

  @Column({ select: false, nullable: true })
  hint!: string;
}

@Entity()
class Counter {
  @PrimaryGeneratedColumn()
  id!: number;

  @Column({ unique: true })
  n!: number;

  @VersionColumn()
  version!: number;
}

/** Its key is a text; the number that the database gives is not. */
@Entity()
class Thing {
  @PrimaryColumn({ length: 20 })
  id!: string;

  @Column({ nullable: true })
  b!: number;
}

const database = async (entities: Parameters<typeof audited>[0]) => {
  const url = await freshDatabase();
  return { url, ...(await audited(entities, { url })) };
};

/** A column of each type with values, each as T-SQL. */
const values: Record<string, string[]> = {
  'decimal(38, 10)': ['1234567890123456789012345678.0123456789', '0.0000001', '-1.5', '0'],
  'numeric(9, 0)': ['999999999'],
  money: ['-922337203685477.58', '0.1'],
  bigint: ['-9223372036854775808', '9223372036854775807'],
  tinyint: ['255'],
  bit: ['1', '0'],
  float: ['1.7976931348623157E308', '4.9E-300', '0.1', `CONVERT(float, '-0.0')`],
  real: ['0.1', '-3.5E38 / 2'],
  'nvarchar(max)': [`N'ä ☃ \u{1F600} '`, `N''`, `N'  trailing  '`, `N'{"a": 1}'`],
  'varchar(20)': [`'ABC'`, `'abc'`, `'ü '`],
  'nchar(5)': [`N'x'`],
  uniqueidentifier: [`'6F9619FF-8B86-D011-B42D-00C04FC964FF'`],
  date: [`'0001-01-01'`, `'9999-12-31'`],
  'time(7)': [`'23:59:59.999999'`],
  'datetime2(3)': [`'2026-01-31 12:00:00.120'`],
  'datetime2(6)': [`'2026-01-31 12:00:00.123456'`],
  datetime: [`'2026-01-31 12:00:00.123'`],
  smalldatetime: [`'2026-01-31 12:00'`],
  'datetimeoffset(3)': [`'2026-01-31 12:00:00.120 +02:00'`],
  xml: [`'<a> <b/>  </a>'`],
};

const binary: Record<string, string[]> = { 'varbinary(20)': ['0x00FF', '0x'], 'binary(4)': ['0x01'] };

/** An expression of text that tells all values of a type apart, made in other ways than by the library. */
function exactly(type: string, name: string): string {
  if (/char|binary/.test(type)) return `CONVERT(varbinary(max), ${name})`;
  if (/float|real/.test(type)) return `CONVERT(nvarchar(60), ${name}, 3)`;
  if (/money/.test(type)) return `CONVERT(nvarchar(60), ${name}, 2)`;
  return /date/.test(type) ? `CONVERT(nvarchar(60), ${name}, 121)` : `CONVERT(nvarchar(max), ${name})`;
}

describe('revert() on a server', { timeout: 120_000 }, () => {
  it.for([['every type', values] as const, ['binary types', binary] as const])(
    'puts values of %s back, byte for byte',
    async ([, values], context) => {
      if (values === binary) await needsSqlServer(context, 'it makes no hexadecimal digits of binary values');
      const { dataSource, trail } = await database([Thing]);
      const columns = Object.keys(values).map((type, place) => ({ type, name: `c${place}` }));
      for (const { type, name } of columns) await dataSource.query(`ALTER TABLE thing ADD ${name} ${type}`);
      const shots: unknown[] = [];
      const bytes = columns.map(({ name, type }) => `${exactly(type, name)} AS ${name}`);
      const shot = () => dataSource.query(`SELECT ${bytes.join(', ')} FROM thing`);
      await dataSource.query(`INSERT INTO thing (id) VALUES ('one')`);
      for (let turn = 0; turn < 4; turn += 1) {
        const set = columns.map(({ type, name }) => `${name} = ${values[type]![turn] ?? 'NULL'}`);
        await dataSource.query(`UPDATE thing SET b = ${turn}, ${set.join(', ')}`);
        shots.push(await shot());
      }
      await dataSource.query('DELETE FROM thing');
      const { entries } = await trail.history(Thing, 'one');
      const updates = entries.filter(({ operation }) => operation === 'update').reverse();
      for (const [turn, then] of shots.entries()) {
        const beforeEntry = updates[turn + 1]?.id ?? entries[0]!.id;
        const report = await trail.revert(Thing, 'one', { beforeEntry });
        expect(report.unrestorable).toEqual([]);
        expect(await shot()).toEqual(then);
        expect((await trail.asOf(Thing, 'one', { beforeEntry }))!.unrestorable).toEqual([]);
      }
      expect((await trail.recent({ limit: 4 })).entries.map(({ operation }) => operation)).toEqual([
        'update',
        'update',
        'update',
        'insert',
      ]);
    },
  );

  it('is recorded like any other change, with the context of its flow', async () => {
    const { dataSource, trail } = await database([Counter]);
    const counters = dataSource.getRepository(Counter);
    await counters.insert({ n: 1 });
    await counters.update(1, { n: 2 });
    const [update] = (await trail.history(Counter, 1)).entries;
    const moment = { beforeEntry: update!.id };
    const report = await auditContext.run({ actor: 'ann', reason: 'wrong' }, () => trail.revert(Counter, 1, moment));
    expect(report).toEqual({ operation: 'update', restored: ['n', 'version'], unrestorable: [] });
    const [entry] = (await trail.history(Counter, 1)).entries;
    expect(entry).toMatchObject({ operation: 'update', actor: 'ann', reason: 'wrong', source: 'revert' });
    expect(entry!.after).toMatchObject({ n: 1, version: 1 });
    await auditContext.run({ source: 'http' }, () => trail.revert(Counter, 1, { beforeEntry: entry!.id }));
    expect((await trail.history(Counter, 1)).entries[0]).toMatchObject({ source: 'http', after: { n: 2 } });
    expect(await trail.revert(Counter, 1, new Date(Date.now() + 60_000))).toEqual({
      operation: 'none',
      restored: [],
      unrestorable: [],
    });
  });

  it('gives a deleted row its number again, deletes one that was not there, and leaves numbering as it was', async () => {
    const { dataSource, trail } = await database([Counter]);
    const counters = dataSource.getRepository(Counter);
    await counters.insert([{ n: 1 }, { n: 2 }]);
    await counters.delete(1);
    const [gone] = (await trail.history(Counter, 1)).entries;
    expect(await trail.revert(Counter, 1, { beforeEntry: gone!.id })).toMatchObject({ operation: 'insert' });
    await counters.insert({ n: 3 });
    expect((await counters.find({ order: { id: 'ASC' } })).map(({ id, n }) => [id, n])).toEqual([
      [1, 1],
      [2, 2],
      [3, 3],
    ]);
    const inserted = (await trail.history(Counter, 3)).entries[0]!;
    expect(await trail.revert(Counter, 3, { beforeEntry: inserted.id })).toMatchObject({ operation: 'delete' });
    expect(await counters.count()).toBe(2);
  });

  it('joins the transaction of the manager, sees what that has done, and goes with it', async () => {
    const { dataSource, trail } = await database([Counter]);
    await dataSource.getRepository(Counter).insert({ n: 1 });
    const [insert] = (await trail.history(Counter, 1)).entries;
    const moment = { beforeEntry: insert!.id + 1 };
    const undone = dataSource.transaction(async (manager) => {
      await manager.update(Counter, 1, { n: 2 });
      expect(await trail.revert(Counter, 1, moment, manager)).toMatchObject({ operation: 'update' });
      expect(await manager.findOneByOrFail(Counter, { id: 1 })).toMatchObject({ n: 1 });
      throw new Error('undone');
    });
    await expect(undone).rejects.toThrow('undone');
    expect((await trail.history(Counter, 1)).entries.map(({ operation }) => operation)).toEqual(['insert']);
    await auditContext.run({ actor: 'ann' }, () =>
      dataSource.transaction(async (manager) => {
        await manager.update(Counter, 1, { n: 3 });
        await trail.revert(Counter, 1, moment, manager);
      }),
    );
    const { entries } = await trail.history(Counter, 1);
    expect(entries.map(({ after, actor }) => [after!['n'], actor])).toEqual([
      [1, 'ann'],
      [3, 'ann'],
      [1, null],
    ]);
    expect(entries[0]!.transactionId).toBe(entries[1]!.transactionId);
  });

  it('leaves nothing half-done where the database refuses', async () => {
    const { dataSource, trail } = await database([Counter]);
    const counters = dataSource.getRepository(Counter);
    await counters.insert([{ n: 1 }, { n: 2 }]);
    await counters.delete(1);
    const [gone] = (await trail.history(Counter, 1)).entries;
    await counters.update(2, { n: 1 });
    await expect(trail.revert(Counter, 1, { beforeEntry: gone!.id })).rejects.toThrow(/duplicate key/i);
    expect(await counters.find()).toMatchObject([{ id: 2, n: 1 }]);
    // The connection numbers rows as before.
    await counters.insert({ n: 9 });
    expect((await trail.recent()).entries).toHaveLength(5);
  });

  it('names what it can not restore, and refuses an insert without it', async () => {
    const { dataSource, trail } = await database([Login]);
    const logins = dataSource.getRepository(Login);
    await logins.insert({ name: 'ann', password: 'one', hint: 'h' });
    await dataSource.query(`ALTER TABLE login ADD later nvarchar(10) NOT NULL DEFAULT 'new'`);
    await dataSource.query(`ALTER TABLE login ADD v sql_variant`);
    await logins.update(1, { name: 'anna', password: 'two', cache: 'warm', hint: '' });
    const [update] = (await trail.history(Login, 1)).entries;
    const moment = { beforeEntry: update!.id };
    const unrestorable = [
      { property: 'cache', reason: 'not audited' },
      { property: 'later', reason: 'not recorded' },
      { property: 'password', reason: 'redacted' },
      { property: 'size', reason: 'generated' },
      { property: 'v', reason: 'not recorded' },
    ];
    const sorted = (list: { property: string; reason: string }[]) =>
      [...list].sort((a, b) => a.property.localeCompare(b.property));
    const state = await trail.asOf(Login, 1, moment);
    expect(state).toMatchObject({ image: { name: 'ann', hint: { $masked: true } } });
    expect(sorted(state!.unrestorable)).toEqual(unrestorable);
    const now = await trail.asOf(Login, 1, new Date(Date.now() + 60_000));
    expect(now!.unrestorable).toContainEqual({ property: 'v', reason: 'inexact' });
    const report = await trail.revert(Login, 1, moment);
    expect(report.operation).toBe('update');
    expect(report.restored.sort()).toEqual(['hint', 'name']);
    expect(sorted(report.unrestorable)).toEqual(unrestorable);
    expect(await dataSource.query('SELECT name, password, cache, size, hint FROM login')).toEqual([
      { name: 'ann', password: 'two', cache: 'warm', size: 3, hint: 'h' },
    ]);
    await logins.delete(1);
    const attempt = trail.revert(Login, 1, moment);
    await expect(attempt).rejects.toThrow(NotRestorableError);
    await expect(attempt).rejects.toThrow(/without password/);
    expect(await logins.count()).toBe(0);
  });

  it('says what a trigger of the application made of it', async () => {
    const { dataSource, trail } = await database([Counter]);
    await dataSource.getRepository(Counter).insert({ n: 1 });
    await dataSource.getRepository(Counter).update(1, { n: 2 });
    const [update] = (await trail.history(Counter, 1)).entries;
    await dataSource.query(`CREATE TRIGGER bump ON counter AFTER UPDATE AS BEGIN SET NOCOUNT ON;
      IF TRIGGER_NESTLEVEL() < 2 UPDATE c SET version = 50 FROM counter c JOIN inserted i ON i.id = c.id; END`);
    expect(await trail.revert(Counter, 1, { beforeEntry: update!.id })).toEqual({
      operation: 'update',
      restored: ['n'],
      unrestorable: [{ property: 'version', reason: 'not as written' }],
    });
  });

  it('refuses a row of which the trail does not know the present state', async () => {
    const { url, dataSource, trail } = await database([Counter]);
    await dataSource.getRepository(Counter).insert([{ n: 1 }, { n: 2 }, { n: 3 }]);
    await dataSource.getRepository(Counter).delete(3);
    const behind = await stockOnServer([], url);
    await behind.query(`DISABLE TRIGGER audit_trail_counter ON counter`);
    await behind.query(`UPDATE counter SET n = 9 WHERE id = 1; DELETE FROM counter WHERE id = 2;
      SET IDENTITY_INSERT counter ON; INSERT INTO counter (id, n, version) VALUES (3, 7, 1), (4, 8, 1); SET IDENTITY_INSERT counter OFF`);
    for (const [id, how] of [
      [1, 'n differ'],
      [2, 'it is not there'],
      [3, 'it is there'],
    ] as const) {
      await expect(trail.revert(Counter, id, { beforeEntry: 1 })).rejects.toThrow(how);
      await expect(trail.revert(Counter, id, { beforeEntry: 1 })).rejects.toThrow(RowDiffersError);
    }
    await expect(trail.revert(Counter, 4, new Date())).rejects.toThrow(InvalidQueryError);
  });

  it('refuses a key that is another row since, and takes the row under its new one', async () => {
    const { dataSource, trail } = await database([Thing]);
    await dataSource.query(`INSERT INTO thing (id, b) VALUES ('p', 1)`);
    await dataSource.query(`UPDATE thing SET id = 'q', b = 2`);
    const [moved] = (await trail.history(Thing, 'q')).entries;
    const moment = { beforeEntry: moved!.id };
    await expect(trail.revert(Thing, 'p', moment)).rejects.toThrow(RowMovedError);
    expect(await trail.revert(Thing, 'q', moment)).toMatchObject({ restored: ['id', 'b'] });
    expect(await dataSource.query('SELECT id, b FROM thing')).toEqual([{ id: 'p', b: 1 }]);
  });

  it('leaves a number that no update can change, and says so', async () => {
    const { dataSource, trail } = await database([Thing]);
    await dataSource.query('ALTER TABLE thing ADD number int IDENTITY(1,1)');
    await dataSource.query(`INSERT INTO thing (id, b) VALUES ('p', 1)`);
    await dataSource.query(`DELETE FROM thing`);
    const [gone] = (await trail.history(Thing, 'p')).entries;
    await dataSource.query(`INSERT INTO thing (id, b) VALUES ('p', 2)`);
    expect(await trail.revert(Thing, 'p', { beforeEntry: gone!.id })).toEqual({
      operation: 'update',
      restored: ['b'],
      unrestorable: [{ property: 'number', reason: 'generated' }],
    });
  });

  it('takes its turn among other flows, and never undoes what it has not seen', async (context) => {
    await needsSqlServer(context, 'UPDLOCK and HOLDLOCK lock nothing');
    const { dataSource, trail } = await database([Counter]);
    const counters = dataSource.getRepository(Counter);
    await counters.insert({ n: 0 });
    const [insert] = (await trail.history(Counter, 1)).entries;
    const moment = { beforeEntry: insert!.id + 1 };
    const flows = Array.from({ length: 20 }, (_, index) =>
      index % 2 === 0 ? trail.revert(Counter, 1, moment) : counters.update(1, { n: index }),
    );
    await Promise.all(flows);
    const { entries } = await trail.history(Counter, 1);
    for (const [index, entry] of entries.slice(0, -1).entries())
      expect(entry.before).toEqual(entries[index + 1]!.after);
  });
});
