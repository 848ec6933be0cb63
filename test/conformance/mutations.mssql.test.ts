import { DataSource } from 'typeorm';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { judge, type Evidence } from '../../src/testing/oracle/judge';
import { parseCounts } from '../../src/testing/oracle/true-changes';
import '../support/mssql';
import { Category, User } from './model/blog';
import { mainModel } from './model/main-model';
import { person } from './model/people';
import { Animal } from './model/shapes';
import { ServerTarget } from './mssql-target';
import { mutationsOf, survivors } from './mutations';
import type { AuditedDatabase } from './target';

const target = new ServerTarget();
let database: AuditedDatabase;
/** Around the library. */
let intruder: DataSource;

beforeEach(async (context) => {
  if (!process.env['TEST_MSSQL_URL']) return context.skip('no SQL Server: set TEST_MSSQL_URL');
  database = await target.open(mainModel);
  intruder = await new DataSource({ ...database.dataSource.options, entities: [] }).initialize();
  await database.dataSource.manager.insert(User, person('Anna'));
}, target.timeoutMs);

afterEach(async () => {
  await intruder?.destroy();
  await target.startAfresh();
}, target.timeoutMs);

afterAll(() => target.startAfresh());

async function evidenceOf(changes: string, work: (dataSource: DataSource) => Promise<unknown>): Promise<Evidence> {
  await database.recorded();
  const before = await database.snapshot();
  await work(database.dataSource);
  return { before, ...(await database.recorded()), after: await database.snapshot(), expected: parseCounts(changes) };
}

const insertUpdateAndDelete = async ({ manager }: DataSource): Promise<void> => {
  await manager.insert(User, person('Bo'));
  await manager.update(User, { name: 'Anna' }, { name: 'Else', big: '9007199254740993', bin: Buffer.from([0]) });
  await manager.delete(User, { name: 'Else' });
  await manager.save(Category, { name: 'red' });
};
const changes = 'user.I, user.U, user.D, category.I';

describe('the judge', { timeout: target.timeoutMs }, () => {
  test('accepts what is complete and exact, and objects to every falsification of it', async () => {
    const evidence = await evidenceOf(changes, insertUpdateAndDelete);
    expect(judge(evidence)).toEqual([]);
    expect(mutationsOf(evidence.entries).length).toBeGreaterThan(150);
    expect(survivors(evidence)).toEqual([]);
  });

  test('objects to every falsification of a marker and the deletes beside it', async () => {
    await database.dataSource.manager.insert(Animal, { name: 'Rex' });
    const evidence = await evidenceOf('animal.D, animal.T', ({ manager }) => manager.clear(Animal));
    expect(judge(evidence)).toEqual([]);
    expect(survivors(evidence)).toEqual([]);
  });

  test('objects when a trigger is switched off behind the back of capture', async () => {
    const evidence = await evidenceOf('user.U', async ({ manager }) => {
      await intruder.query('DISABLE TRIGGER audit_trail_user ON "user"');
      await manager.update(User, { name: 'Anna' }, { name: 'Else' });
    });
    expect(judge(evidence)).toContainEqual(expect.stringContaining('replayed forwards, user: a row'));
  });

  test.each(['insert', 'update', 'delete'])('objects when each %s is thrown away', async (operation) => {
    // Capture's own triggers stay in place and up to date, so that it can't notice.
    await intruder.query(
      `CREATE TRIGGER thief ON audit_entry AFTER INSERT AS DELETE FROM audit_entry WHERE operation = N'${operation}' AND id IN (SELECT id FROM inserted)`,
    );
    expect(judge(await evidenceOf(changes, insertUpdateAndDelete))).not.toEqual([]);
  });

  test.each([
    ['a value of a new row', 'after_image', 'Bern', 'Bonn'],
    ['a value of an old row', 'before_image', '2024-02-29', '2024-02-28'],
    ['a number', 'after_image', '9007199254740993', '9007199254740992'],
    ['a key', 'entity_id', '0', '9'],
  ])('objects when %s is altered on its way', async (_what, column, was, is) => {
    await intruder.query(
      `CREATE TRIGGER forger ON audit_entry AFTER INSERT AS UPDATE audit_entry SET ${column} = REPLACE(${column}, N'${was}', N'${is}') WHERE id IN (SELECT id FROM inserted)`,
    );
    expect(judge(await evidenceOf(changes, insertUpdateAndDelete))).not.toEqual([]);
  });
});
