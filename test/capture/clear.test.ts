import type Database from 'better-sqlite3';
import {
  ChildEntity,
  Column,
  type DataSource,
  Entity,
  ManyToOne,
  PrimaryGeneratedColumn,
  TableInheritance,
} from 'typeorm';
import { describe, expect, it } from 'vitest';
import { auditContext, ChangeNotRecordedError, NotAudited } from '../../src/index';
import { audited, type Audited } from '../support/databases';
import { Note } from '../support/note';

@Entity()
class Page {
  @PrimaryGeneratedColumn()
  id!: number;

  @ManyToOne(() => Note)
  note!: Note;
}

@Entity()
@TableInheritance({ column: { name: 'kind', type: 'varchar' } })
class Animal {
  @PrimaryGeneratedColumn()
  id!: number;
}

@ChildEntity()
class Dog extends Animal {
  @Column({ type: 'varchar', nullable: true })
  name!: string | null;
}

@ChildEntity()
class Cat extends Animal {}

@Entity()
@NotAudited()
class Scratch {
  @PrimaryGeneratedColumn()
  id!: number;
}

const entities = [Note, Page, Animal, Dog, Cat, Scratch];

/** Entity and operation of everything recorded, oldest first. */
async function recorded({ trail }: Audited): Promise<string[]> {
  const { entries } = await trail.recent({ fresh: true, limit: 500 });
  return entries.reverse().map(({ entity, operation }) => `${entity} ${operation}`);
}

const handle = ({ dataSource }: Audited) =>
  (dataSource.driver as unknown as { databaseConnection: Database.Database }).databaseConnection;

describe('clear()', () => {
  it('leaves a marker beside a delete of each row, in one transaction and context', async () => {
    const { dataSource, trail } = await audited(entities);
    await dataSource.manager.insert(Note, [{ text: 'a' }, { text: 'b' }]);
    await auditContext.run({ actor: 'ann', reason: 'a new year' }, () => dataSource.manager.clear(Note));
    const { entries } = await trail.recent({ fresh: true, limit: 3 });
    const [marker, ...deletes] = entries;
    expect(marker).toMatchObject({
      ...{ operation: 'truncate', entity: 'Note', table: 'note', entityId: null, before: null, after: null },
      ...{ changes: [], actor: 'ann', reason: 'a new year', source: 'orm', schemaVersion: 0 },
    });
    expect(deletes.map(({ operation }) => operation)).toEqual(['delete', 'delete']);
    expect(new Set(entries.map(({ transactionId }) => transactionId)).size).toBe(1);
    expect((await trail.recent({ operation: 'truncate' })).entries).toEqual([marker]);
    expect((await trail.stats()).entriesByOperation).toEqual({ insert: 2, delete: 2, truncate: 1 });
    expect((await trail.dashboard()).entriesByOperation).toMatchObject({ truncate: 1 });
  });

  it.each<[string, (dataSource: DataSource) => Promise<unknown>]>([
    ['of an empty table', (dataSource) => dataSource.manager.clear(Note)],
    ['in a transaction', (dataSource) => dataSource.transaction((manager) => manager.clear(Note))],
    ['in a savepoint', (dataSource) => dataSource.transaction((m) => m.transaction((manager) => manager.clear(Note)))],
    ['by a repository', (dataSource) => dataSource.getRepository(Note).clear()],
    ['by a path', (dataSource) => dataSource.transaction((manager) => manager.queryRunner!.clearTable('main.note'))],
    ['in another case', (dataSource) => dataSource.transaction((manager) => manager.queryRunner!.clearTable('NOTE'))],
  ])('leaves one: %s', async (_, clear) => {
    const audit = await audited(entities);
    await clear(audit.dataSource);
    expect(await recorded(audit)).toEqual(['Note truncate']);
  });

  it.each<[string, (dataSource: DataSource) => Promise<unknown>]>([
    ['of an entity that is not audited', (dataSource) => dataSource.manager.clear(Scratch)],
    ['by raw SQL', (dataSource) => dataSource.query('DELETE FROM page')],
    ['by deleteAll()', (dataSource) => dataSource.getRepository(Page).deleteAll()],
    [
      'of a temporary table of the same name',
      async (dataSource) => {
        await dataSource.query('CREATE TEMP TABLE page (id INTEGER)');
        await dataSource.manager.clear(Page);
      },
    ],
    [
      'that was rolled back',
      (dataSource) =>
        dataSource
          .transaction(async (manager) => {
            await manager.clear(Page);
            throw new Error('undone');
          })
          .catch(() => undefined),
    ],
    [
      'whose savepoint was rolled back',
      (dataSource) =>
        dataSource.transaction((manager) =>
          manager
            .transaction(async (inner) => {
              await inner.clear(Page);
              throw new Error('undone');
            })
            .catch(() => undefined),
        ),
    ],
  ])('leaves none: %s', async (_, clear) => {
    const audit = await audited(entities);
    await clear(audit.dataSource);
    expect(await recorded(audit)).toEqual([]);
  });

  it('that fails leaves none, and its transaction goes on', async () => {
    const audit = await audited(entities);
    await audit.dataSource.manager.save(Page, { note: await audit.dataSource.manager.save(Note, { text: 'a' }) });
    await audit.dataSource.transaction(async (manager) => {
      await expect(manager.clear(Note)).rejects.toThrow('FOREIGN KEY');
      await manager.clear(Page);
    });
    expect(await recorded(audit)).toEqual(['Note insert', 'Page insert', 'Page delete', 'Page truncate']);
  });

  it('fails, and deletes nothing, where its marker can’t be written', async () => {
    const audit = await audited(entities);
    const { manager } = audit.dataSource;
    await manager.insert(Note, { text: 'a' });
    handle(audit).exec(
      `CREATE TEMP TRIGGER refused BEFORE INSERT ON main.audit_outbox WHEN NEW.operation = 'E' BEGIN SELECT RAISE(ABORT, 'no room in audit_outbox'); END`,
    );
    await expect(manager.clear(Note)).rejects.toThrow(ChangeNotRecordedError);
    await audit.dataSource.transaction(async (inner) => {
      await expect(inner.clear(Note)).rejects.toThrow(ChangeNotRecordedError);
      await inner.insert(Note, { text: 'b' });
    });
    expect(await manager.count(Note)).toBe(2);
    expect(await recorded(audit)).toEqual(['Note insert', 'Note insert']);
  });

  it('of one class of an inheritance empties the table of all, and names their root', async () => {
    const audit = await audited(entities);
    const { manager } = audit.dataSource;
    await manager.save(Dog, { name: 'Rex' });
    await manager.save(Cat, {});
    await manager.clear(Dog);
    expect(await recorded(audit)).toEqual(['Dog insert', 'Cat insert', 'Dog delete', 'Cat delete', 'Animal truncate']);
  });

  it('misleads nobody who asks for rows', async () => {
    const { dataSource, trail } = await audited(entities);
    const { manager } = dataSource;
    await trail.baseline();
    const { id } = await manager.save(Note, { text: 'a' });
    const { entries } = await trail.recent({ fresh: true });
    await manager.clear(Note);
    await manager.query(`INSERT INTO note (id, text) VALUES (${id}, 'b'), (${id + 1}, 'c')`);
    expect((await trail.history(Note, id)).entries.map(({ operation }) => operation)).toEqual([
      'insert',
      'delete',
      'insert',
    ]);
    expect(await trail.asOf(Note, id, new Date())).toMatchObject({ image: { text: 'b' } });
    expect(await trail.asOf(Note, id, new Date(Date.parse(entries[0]!.recordedAt) - 1))).toBeNull();
    expect((await trail.doctor()).counts).toEqual({ changed: 0, added: 0, missing: 0, unknown: 0 });
    await manager.clear(Note);
    expect((await trail.doctor()).counts).toEqual({ changed: 0, added: 0, missing: 0, unknown: 0 });
    expect((await trail.baseline()).recorded).toBe(0);
  });

  it('is told to a baseline from rows that are older than the trail', async () => {
    const audit = await audited(entities);
    await audit.dataSource.manager.clear(Note);
    const triggers = handle(audit)
      .prepare(`SELECT name FROM sqlite_temp_master WHERE type = 'trigger'`)
      .pluck()
      .all() as string[];
    for (const name of triggers) handle(audit).exec(`DROP TRIGGER temp."${name}"`);
    handle(audit).exec(`INSERT INTO note (text) VALUES ('older')`);
    expect((await audit.trail.baseline({ entities: [Note] })).recorded).toBe(1);
  });
});
