import type Database from 'better-sqlite3';
import {
  Column,
  type DataSource,
  Entity,
  type EntitySubscriberInterface,
  type InsertEvent,
  ManyToOne,
  PrimaryGeneratedColumn,
  Tree,
  TreeChildren,
  TreeParent,
} from 'typeorm';
import { describe, expect, it } from 'vitest';
import { auditContext } from '../../src/index';
import { audited, type Audited, stock } from '../support/databases';
import { Note } from '../support/note';

@Entity()
class Owner {
  @PrimaryGeneratedColumn()
  id!: number;
}

@Entity()
class Thing {
  @PrimaryGeneratedColumn()
  id!: number;

  @ManyToOne(() => Owner, { onDelete: 'CASCADE' })
  owner!: Owner;
}

@Entity()
@Tree('closure-table')
class Closure {
  @PrimaryGeneratedColumn()
  id!: number;

  @TreeParent()
  parent!: Closure | null;

  @TreeChildren()
  children!: Closure[];
}

@Entity()
@Tree('nested-set')
class Nested {
  @PrimaryGeneratedColumn()
  id!: number;

  @Column({ type: 'varchar' })
  name!: string;

  @TreeParent()
  parent!: Nested | null;

  @TreeChildren()
  children!: Nested[];
}

const entities = [Note, Owner, Thing, Closure, Nested];

/** Table and source of what was recorded, in the order of the log, each once. */
async function sources({ trail }: Audited): Promise<string[]> {
  const { entries } = await trail.recent({ fresh: true, limit: 500 });
  return [...new Set(entries.reverse().map(({ table, source }) => `${table} ${source}`))];
}

describe('source', () => {
  it.each<[string, (dataSource: DataSource) => Promise<unknown>]>([
    ['save', (dataSource) => dataSource.manager.save(Note, { text: 'a' })],
    ['insert', (dataSource) => dataSource.manager.insert(Note, { text: 'a' })],
    ['update', (dataSource) => dataSource.manager.update(Note, 1, { text: 'a' })],
    ['upsert', (dataSource) => dataSource.manager.upsert(Note, { id: 1, text: 'a' }, ['id'])],
    ['delete', (dataSource) => dataSource.manager.delete(Note, 1)],
    ['soft delete', (dataSource) => dataSource.manager.softDelete(Note, 1)],
    ['clear', (dataSource) => dataSource.manager.clear(Note)],
    ['a query builder', (dataSource) => dataSource.createQueryBuilder(Note, 'n').delete().execute()],
    ['a transaction', (dataSource) => dataSource.transaction((manager) => manager.save(Note, { text: 'a' }))],
  ])('is the ORM for %s', async (_, write) => {
    const audit = await audited(entities);
    await auditContext.run({ source: 'preparation' }, () => audit.dataSource.manager.save(Note, { text: 'before' }));
    await write(audit.dataSource);
    expect(await sources(audit)).toEqual(['note preparation', 'note orm']);
  });

  const insert = `INSERT INTO note (text) VALUES ('a')`;
  it.each<[string, (dataSource: DataSource) => Promise<unknown>]>([
    ['dataSource.query', (dataSource) => dataSource.query(insert)],
    ['manager.query', (dataSource) => dataSource.manager.query(insert)],
    ['repository.query', (dataSource) => dataSource.getRepository(Note).query(insert)],
    ['a tagged template', (dataSource) => dataSource.sql`INSERT INTO note (text) VALUES (${'a'})`],
    ['a transaction', (dataSource) => dataSource.transaction((manager) => manager.query(insert))],
    [
      'queryRunner.query',
      async (dataSource) => {
        const runner = dataSource.createQueryRunner();
        await runner.query(insert);
        await runner.release();
      },
    ],
  ])('is SQL for %s', async (_, write) => {
    const audit = await audited(entities);
    await write(audit.dataSource);
    expect(await sources(audit)).toEqual(['note sql']);
  });

  it('is that of the context where it names one', async () => {
    const audit = await audited(entities);
    await auditContext.run({ actor: 'ann', source: 'http' }, async () => {
      await audit.dataSource.manager.save(Note, { text: 'a' });
      await audit.dataSource.query(insert);
    });
    expect(await sources(audit)).toEqual(['note http']);
  });

  it('is told statement by statement in one context and one transaction', async () => {
    const audit = await audited(entities);
    await auditContext.run({ actor: 'ann' }, () =>
      audit.dataSource.transaction(async (manager) => {
        await manager.query(insert);
        await manager.save(Note, { text: 'b' });
        await manager.query(`UPDATE note SET text = 'c' WHERE id = 1`);
      }),
    );
    const { entries } = await audit.trail.recent({ fresh: true });
    expect(entries.map(({ source, actor }) => [source, actor])).toEqual([
      ['sql', 'ann'],
      ['orm', 'ann'],
      ['sql', 'ann'],
    ]);
  });

  it('is the ORM for what keeps a tree in order', async () => {
    const audit = await audited(entities);
    const { manager } = audit.dataSource;
    const root = await manager.save(manager.create(Closure, {}));
    const child = await manager.save(manager.create(Closure, { parent: root }));
    const other = await manager.save(manager.create(Closure, { parent: root }));
    await manager.save(Object.assign(child, { parent: other }));
    const top = await manager.save(manager.create(Nested, { name: 'top' }));
    const [left, right] = [
      await manager.save(manager.create(Nested, { name: 'left', parent: top })),
      await manager.save(manager.create(Nested, { name: 'right', parent: top })),
    ];
    await manager.save(Object.assign(left, { parent: right }));
    await manager.remove(left);
    expect(await sources(audit)).toEqual(['closure orm', 'closure_closure orm', 'nested orm']);
  });

  it('leaves trees of a DataSource that is not audited alone', async () => {
    await audited(entities);
    const { manager } = await stock([Closure]);
    const root = await manager.save(manager.create(Closure, {}));
    await manager.save(manager.create(Closure, { parent: root }));
    expect(await manager.query('SELECT count(*) AS n FROM closure_closure')).toEqual([{ n: 3 }]);
  });

  it('is SQL for what a subscriber writes in the middle of a save', async () => {
    const audit = await audited(entities);
    const beside: EntitySubscriberInterface<Nested> = {
      listenTo: () => Nested,
      afterInsert: ({ queryRunner }: InsertEvent<Nested>) => queryRunner.query(insert),
    };
    audit.dataSource.subscribers.push(beside);
    await audit.dataSource.manager.save(Nested, { name: 'a' });
    expect(await sources(audit)).toEqual(['nested orm', 'note sql']);
  });

  it('of a cascade and of a trigger is that of the statement which fired them', async () => {
    const audit = await audited(entities);
    const { dataSource } = audit;
    await dataSource.query(`CREATE TRIGGER gone AFTER DELETE ON thing BEGIN ${insert}; END`);
    await auditContext.run({ source: 'preparation' }, async () => {
      await dataSource.query('INSERT INTO owner (id) VALUES (1), (2)');
      await dataSource.query('INSERT INTO thing (ownerId) VALUES (1), (2)');
    });
    await dataSource.manager.delete(Owner, 1);
    await dataSource.query('DELETE FROM owner WHERE id = 2');
    const changes = await sources(audit);
    expect(changes.slice(2)).toEqual(['thing orm', 'note orm', 'owner orm', 'thing sql', 'note sql', 'owner sql']);
  });

  it('of what a dropped table takes with it is that of who dropped it', async () => {
    for (const [drop, source] of [
      [(runner: ReturnType<DataSource['createQueryRunner']>) => runner.dropTable('owner'), 'orm'],
      [(runner: ReturnType<DataSource['createQueryRunner']>) => runner.query('DROP TABLE owner'), 'sql'],
    ] as const) {
      const audit = await audited(entities);
      const { dataSource } = audit;
      await auditContext.run({ source: 'preparation' }, async () => {
        await dataSource.query('INSERT INTO owner (id) VALUES (1)');
        await dataSource.query('INSERT INTO thing (ownerId) VALUES (1)');
      });
      const runner = dataSource.createQueryRunner();
      await drop(runner);
      await runner.release();
      expect(await sources(audit)).toEqual(['owner preparation', 'thing preparation', `thing ${source}`]);
    }
  });

  it('is unknown for what goes around the DataSource, and for business events', async () => {
    const audit = await audited(entities);
    await audit.dataSource.manager.save(Note, { text: 'a' });
    const { databaseConnection } = audit.dataSource.driver as unknown as { databaseConnection: Database.Database };
    databaseConnection.exec(insert);
    await audit.trail.record({ name: 'closed' });
    expect(await sources(audit)).toEqual(['note orm', 'note null', ' null']);
  });

  it('is unknown, but the change recorded, where that is the first write of all, and the first after a change of the schema', async () => {
    const audit = await audited(entities);
    const { dataSource } = audit;
    const { databaseConnection } = dataSource.driver as unknown as { databaseConnection: Database.Database };
    databaseConnection.exec(insert);
    expect(await sources(audit)).toEqual(['note null']);
    await dataSource.query('CREATE TABLE another (id INTEGER)');
    databaseConnection.exec(insert);
    const runner = dataSource.createQueryRunner();
    await runner.startTransaction();
    await runner.query('CREATE TABLE third (id INTEGER)');
    await runner.rollbackTransaction();
    databaseConnection.exec(insert);
    await runner.release();
    expect(await sources(audit)).toEqual(['note null']);
    expect(await audit.trail.stats()).toMatchObject({ totalEntries: 3 });
  });
});
