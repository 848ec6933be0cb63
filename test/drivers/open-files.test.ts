import { symlinkSync } from 'node:fs';
import { DataSource } from 'typeorm';
import { describe, expect, it } from 'vitest';
import { AuditTrail, createDataSource, DriverConflictError, TransactionHeldError } from '../../src/index';
import { claimFile } from '../../src/dialect/sqlite/file-claims';
import { afterTest, audited, temporaryFile } from '../support/databases';
import { Note } from '../support/note';
import { openSqlite, sqlitePackage, sqliteType } from '../support/sqlite';

const other = sqlitePackage === 'sqlite3' ? 'better-sqlite3' : 'sqlite3';

describe('one file in one process', () => {
  it('is opened through one package, whatever its path is called', async () => {
    const file = temporaryFile();
    const { dataSource } = await audited([Note], { url: `sqlite:${file}` });
    const link = temporaryFile();
    symlinkSync(file, link);
    expect(() => claimFile(link, other)).toThrow(DriverConflictError);
    expect(() => claimFile(link, other)).toThrow(new RegExp(`through ${sqlitePackage}[^]*drop each other's locks`));
    await dataSource.destroy();
    claimFile(link, other)();
  });

  it('is not opened where another package has it', async () => {
    const file = temporaryFile();
    const release = claimFile(file, other);
    const dataSource = createDataSource(`sqlite:${file}`, { entities: [Note], synchronize: true });
    await expect(AuditTrail.attach(dataSource)).rejects.toThrow(DriverConflictError);
    expect(dataSource.isInitialized).toBe(false);
    release();
    await AuditTrail.attach(dataSource);
    await dataSource.destroy();
  });

  it('may be opened more than once through the same', async () => {
    const file = temporaryFile();
    await audited([Note], { url: `sqlite:${file}` });
    const second = await audited([Note], { url: `sqlite:${file}` });
    await second.dataSource.destroy();
    expect(() => claimFile(file, other)).toThrow(DriverConflictError);
  });
});

async function initialised(database: string): Promise<DataSource> {
  const dataSource = new DataSource({ type: sqliteType, database, entities: [Note], synchronize: true });
  await dataSource.initialize();
  afterTest(async () => {
    if (dataSource.isInitialized) await dataSource.destroy();
  });
  return dataSource;
}

describe('a DataSource that is open already', () => {
  it.each(['a file', ':memory:'])('keeps what it has and how it was set, in %s', async (where) => {
    const dataSource = await initialised(where === ':memory:' ? where : temporaryFile());
    const notes = dataSource.getRepository(Note);
    await notes.save([{ text: 'one' }, { text: 'two' }]);
    await notes.delete({ text: 'one' });
    await dataSource.query('PRAGMA synchronous = OFF');
    const trail = await AuditTrail.attach(dataSource, { drain: false });
    expect(await notes.find()).toMatchObject([{ id: 2, text: 'two' }]);
    expect(await dataSource.query('PRAGMA synchronous')).toEqual([{ synchronous: 0 }]);
    expect(await notes.save({ text: 'three' })).toMatchObject({ id: 3 });
    expect((await trail.recent({ fresh: true })).entries).toMatchObject([{ operation: 'insert', entityId: '3' }]);
  });

  it('is not attached in a transaction, which goes on', async () => {
    const dataSource = await initialised(temporaryFile());
    await dataSource.query('BEGIN');
    await dataSource.query(`INSERT INTO note (text) VALUES ('one')`);
    await expect(AuditTrail.attach(dataSource)).rejects.toThrow(TransactionHeldError);
    await dataSource.query('COMMIT');
    expect(await dataSource.getRepository(Note).count()).toBe(1);
  });

  it('is refused where another connection would lack a temporary table', async (context) => {
    if (sqlitePackage !== 'sqlite3') context.skip('the connection itself is put under capture');
    const dataSource = await initialised(temporaryFile());
    await dataSource.query('CREATE TEMP TABLE basket (id INTEGER)');
    await expect(AuditTrail.attach(dataSource)).rejects.toThrow(/temporary tables[^]*before initialize/);
    expect(await dataSource.query('SELECT count(*) AS n FROM basket')).toEqual([{ n: 0 }]);
  });
});

describe("TypeORM's connection to the database", () => {
  it('takes statements beside the ORM, which are captured', async (context) => {
    if (sqlitePackage !== 'sqlite3') context.skip('another package has other methods');
    const file = temporaryFile();
    const { dataSource, trail } = await audited([Note], { url: `sqlite:${file}` });
    await dataSource.getRepository(Note).save({ text: 'by the ORM' });
    type Done = (this: { lastID: number; changes: number }, error: Error | null, result: unknown) => void;
    type Method = (sql: string, ...rest: (unknown[] | object | string | Done)[]) => void;
    const { databaseConnection: connection } = dataSource.driver as unknown as {
      databaseConnection: Record<'run' | 'all' | 'get' | 'exec', Method>;
    };
    const asked = (method: 'run' | 'all' | 'get' | 'exec', ...rest: Parameters<Method>) =>
      new Promise((resolve, reject) =>
        connection[method](...rest, function (error, result) {
          if (error) reject(error);
          else resolve(result ?? { lastID: this.lastID, changes: this.changes });
        } satisfies Done),
      );
    const insert = 'INSERT INTO note (text) VALUES (?)';
    expect(await asked('run', insert, ['an array'])).toEqual({ lastID: 2, changes: 1 });
    expect(await asked('run', insert, 'a list')).toEqual({ lastID: 3, changes: 1 });
    await asked('run', 'INSERT INTO note (text) VALUES ($text)', { $text: 'a name' });
    expect(await asked('get', 'SELECT text FROM note WHERE id = ?', [3])).toEqual({ text: 'a list' });
    expect(await asked('all', 'SELECT text FROM note')).toEqual([
      { text: 'by the ORM' },
      { text: 'an array' },
      { text: 'a list' },
      { text: 'a name' },
    ]);
    await asked('exec', `UPDATE note SET text = 'x' WHERE id = 1; DELETE FROM note WHERE id = 2`);
    await expect(asked('run', 'INSERT INTO nowhere VALUES (1)')).rejects.toMatchObject({
      code: 'SQLITE_ERROR',
      message: 'SQLITE_ERROR: no such table: nowhere',
    });
    const { entries } = await trail.recent({ fresh: true });
    expect(entries.map(({ operation }) => operation)).toEqual([
      'delete',
      'update',
      'insert',
      'insert',
      'insert',
      'insert',
    ]);
    await dataSource.destroy();
    const left = openSqlite(file, { readonly: true });
    expect(left.all('SELECT count(*) AS n FROM note')).toEqual([{ n: 3 }]);
    left.close();
  });
});
