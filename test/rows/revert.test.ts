import fc from 'fast-check';
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
import { behindTheBack } from '../baseline/fill';
import { audited, temporaryFile } from '../support/databases';

/** Columns without an affinity of their own keep whatever storage class they are given. */
@Entity()
class Thing {
  @PrimaryColumn({ type: 'varchar' })
  id!: string;

  @Column({ type: 'blob', nullable: true })
  a!: Buffer | null;

  @Column({ type: 'integer', nullable: true })
  b!: number | null;

  @Column({ type: 'datetime', nullable: true })
  c!: Date | null;

  @Column({ type: 'simple-json', nullable: true })
  d!: unknown;
}

@Entity()
class Login {
  @PrimaryGeneratedColumn()
  id!: number;

  @Column({ type: 'varchar' })
  name!: string;

  @Redacted()
  @Column({ type: 'varchar' })
  password!: string;

  @NotAudited()
  @Column({ type: 'varchar', default: 'none' })
  cache!: string;

  @Column({
    type: 'integer',
    asExpression: 'length(name)',
    generatedType: 'STORED',
    insert: false,
    update: false,
    nullable: true,
  })
  size!: number;

  @Column({ type: 'varchar', select: false, nullable: true })
  hint!: string | null;
}

@Entity()
class Counter {
  @PrimaryGeneratedColumn()
  id!: number;

  @Column({ type: 'integer', unique: true })
  n!: number;

  @VersionColumn()
  version!: number;
}

/** Values as SQL, so that the storage class is the test's own choice. */
const value = fc.constantFrom(
  'NULL', '0', '1', '1.0', '-0.0', '1e300', '9223372036854775807', `'1'`, `''`, `'1.0'`, `'null'`, `'{"a": 1}'`,
  `'[1,2]'`, `x''`, `x'00ff'`, `'a' || char(0) || 'b'`, `CAST(x'41ff' AS TEXT)`, `'2026-01-31 12:00:00.120'`, `'ä\u{1F600}'`,
); // prettier-ignore
const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constant('write' as const), values: fc.tuple(value, value, value, value) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('move' as const), to: fc.constantFrom('q', 'r', 's') }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('delete' as const) }) },
);

describe('revert()', () => {
  it('puts a row back to every state that it had, byte for byte and class for class', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 8 }), fc.nat(), async (steps, chosen) => {
        const { dataSource, trail } = await audited([Thing]);
        const columns = ['id', 'a', 'b', 'c', 'd'].map(
          (name) => `typeof(${name}) || ':' || hex(CAST(${name} AS BLOB)) AS ${name}`,
        );
        // -0.0 and 0.0 are the same text; their bytes differ in printf.
        const sign = ['a', 'b', 'c', 'd'].map((name) => `printf('%!.17g', ${name}) AS sign_${name}`);
        const snapshot = async () =>
          JSON.stringify(await dataSource.query(`SELECT ${[...columns, ...sign].join(', ')} FROM thing`));
        const newest = async () => (await trail.recent({ fresh: true, limit: 1 })).entries[0]?.id ?? 0;

        let id = 'p';
        const states = [{ entry: 1, shot: await snapshot(), id }];
        for (const action of steps) {
          const exists = (await dataSource.query('SELECT 1 FROM thing')).length > 0;
          if (action.kind === 'delete') await dataSource.query('DELETE FROM thing');
          else if (action.kind === 'move') {
            if (exists) {
              await dataSource.query('UPDATE thing SET id = ?', [action.to]);
              id = action.to;
            }
          } else if (exists) {
            const [a, b, c, d] = action.values;
            await dataSource.query(`UPDATE thing SET a = ${a}, b = ${b}, c = ${c}, d = ${d}`);
          } else await dataSource.query(`INSERT INTO thing VALUES ('${id}', ${action.values.join(', ')})`);
          states.push({ entry: (await newest()) + 1, shot: await snapshot(), id });
        }
        const { entry, shot } = states[chosen % states.length]!;
        if ((await newest()) > 0) {
          const moment = { beforeEntry: entry };
          const state = await trail.asOf(Thing, id, moment);
          try {
            const report = await trail.revert(Thing, id, moment);
            expect(await snapshot()).toBe(shot);
            expect(report.unrestorable).toEqual([]);
            expect(state === null).toBe(shot === '[]');
            expect(await trail.doctor()).toMatchObject({ differences: [] });
          } catch (error) {
            // A key that was used more than once leads to more than one row.
            if (!(error instanceof RowMovedError)) throw error;
            expect(steps.filter(({ kind }) => kind === 'move').length).toBeGreaterThan(1);
          }
        }
        await dataSource.destroy();
      }),
      { numRuns: 60 },
    );
  }, 120_000);

  it('is recorded like any other change, with the context of its flow', async () => {
    const { dataSource, trail } = await audited([Counter]);
    const counters = dataSource.getRepository(Counter);
    await counters.insert({ n: 1 });
    await counters.update(1, { n: 2 });
    await auditContext.run({ actor: 'ann', reason: 'wrong' }, () => trail.revert(Counter, 1, { beforeEntry: 2 }));
    const [entry] = (await trail.history(Counter, 1)).entries;
    expect(entry).toMatchObject({ operation: 'update', actor: 'ann', reason: 'wrong', source: 'revert' });
    expect(entry!.after).toMatchObject({ n: 1, version: 1 });
    await auditContext.run({ source: 'http' }, () => trail.revert(Counter, 1, { beforeEntry: 3 }));
    expect((await trail.history(Counter, 1)).entries[0]).toMatchObject({ source: 'http', after: { n: 2 } });
    expect(await trail.revert(Counter, 1, new Date())).toEqual({ operation: 'none', restored: [], unrestorable: [] });
  });

  it('joins the transaction of the flow, sees what that has done, and goes with it', async () => {
    const { dataSource, trail } = await audited([Counter]);
    const counters = dataSource.getRepository(Counter);
    await counters.insert({ n: 1 });
    const undone = dataSource.transaction(async () => {
      await counters.update(1, { n: 2 });
      expect(await trail.revert(Counter, 1, { beforeEntry: 2 })).toMatchObject({ operation: 'update' });
      expect(await counters.findOneByOrFail({ id: 1 })).toMatchObject({ n: 1 });
      throw new Error('undone');
    });
    await expect(undone).rejects.toThrow('undone');
    expect((await trail.history(Counter, 1)).entries.map(({ operation }) => operation)).toEqual(['insert']);
    await dataSource.transaction(async () => {
      await counters.update(1, { n: 3 });
      await trail.revert(Counter, 1, { beforeEntry: 2 });
    });
    const runner = dataSource.createQueryRunner();
    await runner.startTransaction();
    await runner.manager.update(Counter, 1, { n: 5 });
    await trail.revert(Counter, 1, { beforeEntry: 2 }, runner.manager);
    await runner.commitTransaction();
    await runner.release();
    expect((await trail.history(Counter, 1)).entries.map(({ after }) => after!['n'])).toEqual([1, 5, 1, 3, 1]);
    expect((await trail.doctor()).differences).toEqual([]);
  });

  it('forgets the shape of a table that a rollback takes back', async () => {
    const { dataSource, trail } = await audited([Counter]);
    const counters = dataSource.getRepository(Counter);
    await counters.insert({ n: 1 });
    const undone = dataSource.transaction(async (manager) => {
      await manager.query('ALTER TABLE counter ADD COLUMN gone INTEGER');
      await manager.query('UPDATE counter SET n = 2, gone = 1');
      await trail.revert(Counter, 1, { beforeEntry: 2 });
      throw new Error('undone');
    });
    await expect(undone).rejects.toThrow('undone');
    await dataSource.query('ALTER TABLE counter ADD COLUMN kept INTEGER');
    await dataSource.query('UPDATE counter SET n = 3, kept = 1');
    expect((await trail.history(Counter, 1)).entries[0]!.after).toEqual({ id: 1, n: 3, version: 1, kept: 1 });
  });

  it('leaves nothing half-done where the database refuses', async () => {
    const { dataSource, trail } = await audited([Counter]);
    const counters = dataSource.getRepository(Counter);
    await counters.insert([{ n: 1 }, { n: 2 }]);
    await counters.delete(1);
    await counters.update(2, { n: 1 });
    await expect(trail.revert(Counter, 1, { beforeEntry: 3 })).rejects.toThrow('UNIQUE constraint failed');
    expect(await counters.find()).toMatchObject([{ id: 2, n: 1 }]);
    expect((await trail.recent({ fresh: true })).entries).toHaveLength(4);
  });

  it('names what it can not restore, and refuses an insert without it', async () => {
    const { dataSource, trail } = await audited([Login]);
    const logins = dataSource.getRepository(Login);
    await logins.insert({ name: 'ann', password: 'one', hint: 'h' });
    await dataSource.query(`ALTER TABLE login ADD COLUMN later TEXT DEFAULT 'new'`);
    await logins.update(1, { name: 'anna', password: 'two', cache: 'warm', hint: null });
    const unrestorable = [
      { property: 'password', reason: 'redacted' },
      { property: 'cache', reason: 'not audited' },
      { property: 'size', reason: 'generated' },
      { property: 'later', reason: 'not recorded' },
    ];
    const state = await trail.asOf(Login, 1, { beforeEntry: 2 });
    expect(state).toMatchObject({ image: { name: 'ann', hint: { $masked: true } } });
    expect(state!.unrestorable).toHaveLength(4);
    expect(state!.unrestorable).toEqual(expect.arrayContaining(unrestorable));
    const report = await trail.revert(Login, 1, { beforeEntry: 2 });
    expect(report.operation).toBe('update');
    expect(report.restored.sort()).toEqual(['hint', 'name']);
    expect(report.unrestorable).toEqual(expect.arrayContaining(unrestorable));
    expect(await dataSource.query('SELECT name, password, cache, size, hint FROM login')).toEqual([
      { name: 'ann', password: 'two', cache: 'warm', size: 3, hint: 'h' },
    ]);
    await logins.delete(1);
    const attempt = trail.revert(Login, 1, { beforeEntry: 2 });
    await expect(attempt).rejects.toThrow(NotRestorableError);
    await expect(attempt).rejects.toThrow(/without password/);
    expect(await logins.count()).toBe(0);
  });

  it('says what a trigger of the application made of it', async () => {
    const { dataSource, trail } = await audited([Counter]);
    await dataSource.getRepository(Counter).insert({ n: 1 });
    await dataSource.getRepository(Counter).update(1, { n: 2 });
    await dataSource.query(
      'CREATE TRIGGER bump AFTER UPDATE OF n ON counter BEGIN UPDATE counter SET version = 50 WHERE id = NEW.id; END',
    );
    expect(await trail.revert(Counter, 1, { beforeEntry: 2 })).toEqual({
      operation: 'update',
      restored: ['n'],
      unrestorable: [{ property: 'version', reason: 'not as written' }],
    });
  });

  it('refuses a row of which the trail does not know the present state', async () => {
    const file = temporaryFile();
    const { dataSource, trail } = await audited([Counter], { url: `sqlite:${file}` });
    await dataSource.getRepository(Counter).insert([{ n: 1 }, { n: 2 }, { n: 3 }]);
    await dataSource.getRepository(Counter).delete(3);
    behindTheBack(file, (database) =>
      database.exec(`UPDATE counter SET n = 9 WHERE id = 1; DELETE FROM counter WHERE id = 2;
        INSERT INTO counter VALUES (3, 7, 1), (4, 8, 1)`),
    );
    for (const [id, how] of [
      [1, 'n differ'],
      [2, 'it is not there'],
      [3, 'it is there'],
    ] as const) {
      await expect(trail.revert(Counter, id, { beforeEntry: 1 })).rejects.toThrow(how);
      await expect(trail.revert(Counter, id, { beforeEntry: 1 })).rejects.toThrow(RowDiffersError);
    }
    await expect(trail.revert(Counter, 4, new Date())).rejects.toThrow(InvalidQueryError);
    await trail.doctor({ accept: true });
    expect(await trail.revert(Counter, 2, { beforeEntry: 3 })).toMatchObject({ operation: 'insert' });
  });

  it('refuses a key that is another row since, and takes the row under its new one', async () => {
    const { dataSource, trail } = await audited([Thing]);
    await dataSource.query(`INSERT INTO thing (id, b) VALUES ('p', 1)`);
    await dataSource.query(`UPDATE thing SET id = 'q', b = 2`);
    await expect(trail.revert(Thing, 'p', { beforeEntry: 2 })).rejects.toThrow(RowMovedError);
    expect(await trail.revert(Thing, 'q', { beforeEntry: 2 })).toMatchObject({ restored: ['id', 'b'] });
    expect(await dataSource.query('SELECT id, b FROM thing')).toEqual([{ id: 'p', b: 1 }]);
  });

  it('takes its turn among other flows, and never undoes what it has not seen', async () => {
    const { dataSource, trail } = await audited([Counter]);
    const counters = dataSource.getRepository(Counter);
    await counters.insert({ n: 0 });
    const flows = Array.from({ length: 20 }, (_, index) =>
      index % 2 === 0 ? trail.revert(Counter, 1, { beforeEntry: 2 }) : counters.update(1, { n: index }),
    );
    await Promise.all(flows);
    const { entries } = await trail.history(Counter, 1);
    for (const [index, entry] of entries.slice(0, -1).entries())
      expect(entry.before).toEqual(entries[index + 1]!.after);
    expect((await trail.doctor()).differences).toEqual([]);
  });
});
