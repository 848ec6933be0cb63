import type { DataSource } from 'typeorm';
import { afterAll, beforeEach, afterEach, describe, expect, test } from 'vitest';
import { judge, type Evidence } from '../../src/testing/oracle/judge';
import { Category, User } from './model/blog';
import { mainModel } from './model/main-model';
import { person } from './model/people';
import { mutationsOf, survivors } from './mutations';
import { SqliteTarget } from './sqlite-target';
import type { AuditedDatabase } from './target';
import { parseCounts } from '../../src/testing/oracle/true-changes';

const target = new SqliteTarget();
let database: AuditedDatabase;

beforeEach(async () => {
  database = await target.open(mainModel);
  await database.dataSource.manager.insert(User, person('Anna'));
});

afterEach(() => database.close());
afterAll(() => target.dispose());

async function evidenceOf(changes: string, work: (dataSource: DataSource) => Promise<unknown>): Promise<Evidence> {
  await database.recorded();
  const before = await database.snapshot();
  await work(database.dataSource);
  return { before, ...(await database.recorded()), after: await database.snapshot(), expected: parseCounts(changes) };
}

/** Around the library: what capture would miss, were it not there. */
function rawHandle(dataSource: DataSource): { exec(sql: string): void } {
  return (dataSource.driver as unknown as { databaseConnection: { exec(sql: string): void } }).databaseConnection;
}

async function captureTriggers(dataSource: DataSource): Promise<string[]> {
  const triggers = await dataSource.query<{ name: string }[]>(
    `SELECT name FROM sqlite_temp_master WHERE type = 'trigger'`,
  );
  return triggers.map(({ name }) => name);
}

const insertUpdateAndDelete = async ({ manager }: DataSource): Promise<void> => {
  await manager.insert(User, person('Bo'));
  await manager.update(User, { name: 'Anna' }, { name: 'Else', big: '9007199254740993', bin: Buffer.from([0]) });
  await manager.delete(User, { name: 'Else' });
  await manager.save(Category, { name: 'red' });
};
const changes = 'user.I, user.U, user.D, category.I';
const insertAndClear = async ({ manager }: DataSource): Promise<void> => {
  await manager.save(Category, { name: 'red' });
  await manager.clear(User);
};

describe('the judge', () => {
  test('accepts what is complete and exact', async () => {
    expect(judge(await evidenceOf(changes, insertUpdateAndDelete))).toEqual([]);
  });

  test('objects to every falsification of a marker and the deletes beside it', async () => {
    const evidence = await evidenceOf('category.I, user.D, user.T', insertAndClear);
    expect(judge(evidence)).toEqual([]);
    expect(survivors(evidence)).toEqual([]);
  });

  test('objects to every falsification of it', async () => {
    const evidence = await evidenceOf(changes, insertUpdateAndDelete);
    expect(mutationsOf(evidence.entries).length).toBeGreaterThan(150);
    expect(survivors(evidence)).toEqual([]);
  });

  test('objects to entries in another order', async () => {
    const evidence = await evidenceOf(changes, insertUpdateAndDelete);
    const ids = evidence.entries.map(({ id }) => id);
    const reordered = [...evidence.entries].reverse().map((entry, index) => ({ ...entry, id: ids[index]! }));
    expect(judge({ ...evidence, entries: reordered })).toContainEqual(
      expect.stringContaining('the row it met is not there'),
    );
  });

  test('objects to an entry that changed nothing', async () => {
    const evidence = await evidenceOf('user.U', ({ manager }) =>
      manager.update(User, { name: 'Anna' }, { name: 'Else' }),
    );
    const [entry] = evidence.entries;
    const idle = { ...entry!, id: entry!.id + 1, before: entry!.after, changes: [] };
    const expected = parseCounts('user.U×2');
    expect(judge({ ...evidence, expected, entries: [entry!, idle] })).toEqual([
      expect.stringContaining('it changed nothing'),
    ]);
  });

  test('objects to a masked value', async () => {
    const evidence = await evidenceOf('user.I', ({ manager }) => manager.insert(User, person('Bo')));
    const [entry] = evidence.entries;
    const masked = { ...entry!, after: { ...entry!.after, secret: { $masked: true } } };
    expect(judge({ ...evidence, entries: [masked] })).not.toEqual([]);
  });

  test('objects when the tables were changed behind the back of capture', async () => {
    const evidence = await evidenceOf('none', async (dataSource) => {
      const handle = rawHandle(dataSource);
      for (const name of await captureTriggers(dataSource)) handle.exec(`DROP TRIGGER temp."${name}"`);
      handle.exec(`UPDATE user SET name = 'Else'`);
    });
    expect(judge(evidence)).toContainEqual(expect.stringContaining('replayed forwards, user: a row'));
  });

  test.each(['i', 'u', 'd'])('objects when the %s trigger of a table is made to record nothing', async (kind) => {
    const evidence = await evidenceOf(changes, async (dataSource) => {
      // Capture's own triggers stay in place and up to date, so that it can't notice: their records are thrown away.
      const handle = rawHandle(dataSource);
      handle.exec(
        `CREATE TEMP TRIGGER thief AFTER INSERT ON main.audit_outbox WHEN NEW.operation = '${kind.toUpperCase()}'
        BEGIN DELETE FROM audit_outbox WHERE id = NEW.id; END`,
      );
      await insertUpdateAndDelete(dataSource);
      handle.exec(`DROP TRIGGER temp.thief`);
    });
    expect(judge(evidence)).not.toEqual([]);
  });

  test('accepts a write after a trigger was dropped by hand, because capture mends it', async () => {
    const evidence = await evidenceOf('user.U', async (dataSource) => {
      const [name] = await captureTriggers(dataSource);
      rawHandle(dataSource).exec(`DROP TRIGGER temp."${name}"`);
      await dataSource.manager.update(User, { name: 'Anna' }, { name: 'Else' });
    });
    expect(judge(evidence)).toEqual([]);
  });
});
