import Database from 'better-sqlite3';
import { Column, Entity, PrimaryGeneratedColumn, TableColumn } from 'typeorm';
import { describe, expect, it } from 'vitest';
import { CaptureBrokenError, LogProtectedError, NotAudited } from '../../src/index';
import { audited, stock, temporaryFile } from '../support/databases';
import { Note } from '../support/note';

@Entity()
class Coded {
  @PrimaryGeneratedColumn()
  id!: number;

  @Column({ type: 'varchar', unique: true })
  code!: string;

  @Column({ type: 'varchar', nullable: true })
  extra!: string | null;
}

@Entity()
@NotAudited()
class Scratch {
  @PrimaryGeneratedColumn()
  id!: number;
}

type Handle = { driver: { databaseConnection: Database.Database } };
const handle = (dataSource: unknown) => (dataSource as Handle).driver.databaseConnection;

const triggers = `SELECT count(*) AS n FROM sqlite_temp_master WHERE type = 'trigger'`;

describe('DDL through the DataSource', () => {
  it('rebuilds of a table by TypeORM keep it under capture', async () => {
    const { dataSource, trail } = await audited([Note]);
    await dataSource.getRepository(Note).insert({ text: 'a' });
    const runner = dataSource.createQueryRunner();
    await runner.changeColumn('note', 'text', new TableColumn({ name: 'text', type: 'varchar', isNullable: true }));
    await runner.release();
    expect(await dataSource.query(triggers)).toEqual([{ n: 3 }]);
    await dataSource.query(`UPDATE note SET text = NULL`);
    const { entries } = await trail.recent({ fresh: true });
    expect(entries.map(({ operation }) => operation)).toEqual(['update', 'insert']);
  });

  it('a column can be dropped, and one added, while the table is under capture', async () => {
    const { dataSource, trail } = await audited([Coded]);
    await dataSource.getRepository(Coded).insert({ code: 'a', extra: 'x' });
    await dataSource.query('ALTER TABLE coded DROP COLUMN extra');
    await dataSource.query('ALTER TABLE coded ADD COLUMN added INTEGER');
    await dataSource.query('UPDATE coded SET added = 7');
    const { entries } = await trail.recent({ fresh: true });
    expect(entries[0]).toMatchObject({
      after: { id: 1, code: 'a', added: 7 },
      changes: [{ field: 'added', after: 7 }],
    });
    expect(entries[1]!.after).toEqual({ id: 1, code: 'a', extra: 'x' });
    expect(entries[0]!.schemaVersion).not.toBe(entries[1]!.schemaVersion);
  });

  it('that is rolled back leaves capture as it was', async () => {
    const { dataSource, trail } = await audited([Coded]);
    await dataSource.getRepository(Coded).insert({ code: 'a' });
    const undone = dataSource.transaction(async (manager) => {
      await manager.query('ALTER TABLE coded ADD COLUMN added INTEGER');
      await manager.query('UPDATE coded SET added = 7');
      throw new Error('undone');
    });
    await expect(undone).rejects.toThrow('undone');
    await dataSource.getRepository(Coded).update({ code: 'a' }, { code: 'b' });
    const { entries } = await trail.recent({ fresh: true });
    expect(entries.map(({ operation, after }) => [operation, after?.['code']])).toEqual([
      ['update', 'b'],
      ['insert', 'a'],
    ]);
  });

  it('a stock connection loses its TEMP triggers in a rebuild', async () => {
    const dataSource = await stock([Note]);
    await dataSource.query('CREATE TEMP TRIGGER mine AFTER INSERT ON note BEGIN SELECT 1; END');
    const runner = dataSource.createQueryRunner();
    await runner.changeColumn('note', 'text', new TableColumn({ name: 'text', type: 'varchar', isNullable: true }));
    expect(await dataSource.query(triggers)).toEqual([{ n: 0 }]);
  });
});

describe('a schema that somebody else changed', () => {
  it('a column added by another process is captured from the next write on', async () => {
    const file = temporaryFile();
    const { dataSource, trail } = await audited([Note], { url: `sqlite:${file}` });
    await dataSource.getRepository(Note).insert({ text: 'a' });
    const other = new Database(file);
    other.exec('ALTER TABLE note ADD COLUMN added INTEGER');
    other.close();
    await dataSource.query('UPDATE note SET added = 7');
    const { entries } = await trail.recent({ fresh: true });
    expect(entries[0]).toMatchObject({ operation: 'update', changes: [{ field: 'added', before: null, after: 7 }] });
  });

  it('a table rebuilt by another process goes on being captured', async () => {
    const file = temporaryFile();
    const { dataSource, trail } = await audited([Coded], { url: `sqlite:${file}` });
    await dataSource.getRepository(Coded).insert({ code: 'a' });
    const other = new Database(file);
    other.exec(`CREATE TABLE fresh (id INTEGER PRIMARY KEY, code TEXT); INSERT INTO fresh SELECT id, code FROM coded;
      DROP TABLE coded; ALTER TABLE fresh RENAME TO coded`);
    other.close();
    await dataSource.query(`UPDATE coded SET code = 'b'`);
    const { entries } = await trail.recent({ fresh: true });
    expect(entries.map(({ operation, after }) => [operation, after?.['code']])).toEqual([
      ['update', 'b'],
      ['insert', 'a'],
    ]);
  });

  it('triggers dropped behind the DataSource are back before the next write', async () => {
    const { dataSource, trail } = await audited([Note]);
    await dataSource.getRepository(Note).insert({ text: 'a' });
    const names = handle(dataSource)
      .prepare(`SELECT name FROM sqlite_temp_master WHERE type = 'trigger'`)
      .pluck()
      .all();
    for (const name of names) handle(dataSource).exec(`DROP TRIGGER "${String(name)}"`);
    expect((await trail.stats()).capture.missingTriggers).toEqual(['note']);
    await dataSource.getRepository(Note).insert({ text: 'b' });
    expect((await trail.stats()).capture.missingTriggers).toEqual([]);
    expect((await trail.recent({ fresh: true })).entries).toHaveLength(2);
  });

  it('triggers dropped in the middle of a transaction veto its commit', async () => {
    const { dataSource, trail } = await audited([Note]);
    const broken = dataSource.transaction(async (manager) => {
      await manager.insert(Note, { text: 'a' });
      const names = handle(dataSource)
        .prepare(`SELECT name FROM sqlite_temp_master WHERE type = 'trigger'`)
        .pluck()
        .all();
      for (const name of names) handle(dataSource).exec(`DROP TRIGGER "${String(name)}"`);
      handle(dataSource).exec(`INSERT INTO note (text) VALUES ('unrecorded')`);
    });
    await expect(broken).rejects.toThrow(CaptureBrokenError);
    expect(await dataSource.getRepository(Note).count()).toBe(0);
    expect((await trail.recent({ fresh: true })).entries).toEqual([]);
  });
});

describe('a BEFORE trigger that changes its own row', () => {
  it('is warned about, because the database leaves open what the row was before', async () => {
    const warnings: string[] = [];
    const { dataSource, trail } = await audited([Note], { onWarning: (text) => warnings.push(text) });
    await dataSource.query('CREATE TRIGGER harmless BEFORE UPDATE ON note BEGIN SELECT 1; END');
    await dataSource.query(
      'CREATE TRIGGER doubtful BEFORE UPDATE OF text ON note BEGIN UPDATE "note" SET deletedAt = 1 WHERE id = OLD.id; END',
    );
    await dataSource.getRepository(Note).insert({ text: 'a' });
    expect(warnings).toEqual([expect.stringMatching(/BEFORE trigger "doubtful" changes its own table "note"/)]);
    expect(trail.describe().warnings).toHaveLength(1);
  });
});

describe('the log is protected', () => {
  it('from dropDatabase() and synchronize(true), which empty the rest', async () => {
    const { dataSource, trail } = await audited([Note, Scratch]);
    await dataSource.getRepository(Note).insert({ text: 'a' });
    await trail.flush();
    await dataSource.getRepository(Note).insert({ text: 'pending' });
    await dataSource.synchronize(true);
    expect(await dataSource.getRepository(Note).count()).toBe(0);
    expect((await trail.recent({ fresh: true })).entries).toHaveLength(2);
    await dataSource.dropDatabase();
    const tables = await dataSource.query<{ name: string }[]>(`SELECT name FROM sqlite_master WHERE type = 'table'`);
    expect(
      tables
        .map(({ name }) => name)
        .filter((name) => !name.startsWith('sqlite_'))
        .sort(),
    ).toEqual([
      'audit_context',
      'audit_entry',
      'audit_meta',
      'audit_migrations',
      'audit_outbox',
      'audit_quarantine',
      'audit_rollup',
    ]);
  });

  it.each([
    'DROP TABLE audit_entry',
    'drop table if exists "audit_outbox"',
    'ALTER TABLE main.audit_meta RENAME TO x',
    'DROP TABLE [audit_context]',
  ])('from %s', async (sql) => {
    const { dataSource } = await audited([Note]);
    await expect(dataSource.query(sql)).rejects.toThrow(LogProtectedError);
  });

  it('unless the options allow its destruction', async () => {
    const { dataSource } = await audited([Note], { allowLogDestruction: true });
    await dataSource.query('DROP TABLE audit_entry');
    const tables = await dataSource.query<unknown[]>(`SELECT 1 FROM sqlite_master WHERE name = 'audit_entry'`);
    expect(tables).toEqual([]);
  });
});
