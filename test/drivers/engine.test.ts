import { describe, expect, it } from 'vitest';
import type { Engine } from '../../src/dialect/engine';
import { audited, temporaryFile } from '../support/databases';
import { lockedBy } from '../support/foreign-lock';
import { engineOf } from '../support/logs';
import { Note } from '../support/note';
import { openSqlite } from '../support/sqlite';

async function open(url = 'sqlite::memory:'): Promise<Engine> {
  const { dataSource } = await audited([], { url });
  const engine = engineOf(dataSource);
  engine.execute('CREATE TABLE any_type (id INTEGER PRIMARY KEY, value)');
  return engine;
}

const values = [
  null,
  0n,
  -1n,
  2n ** 31n,
  2n ** 53n + 1n,
  -(2n ** 63n),
  2n ** 63n - 1n,
  0.5,
  5.5e300,
  -Infinity,
  '',
  'text ? with "marks" and \0 in it',
  '9007199254740993',
  Buffer.from([0, 255, 7]),
  Buffer.alloc(0),
];

describe('values of the library', () => {
  it('are written and read as they are, storage class included', async () => {
    const engine = await open();
    const last = engine.executeEach(
      'INSERT INTO any_type (value) VALUES (?)',
      values.map((value) => [value]),
    );
    expect(last).toBe(values.length);
    const rows = engine.selectStored('SELECT id, value FROM any_type ORDER BY id', [], () => true);
    expect(rows).toEqual(values.map((value, index) => [BigInt(index + 1), value]));
  });

  it('find what equals them', async () => {
    const engine = await open();
    engine.executeEach(
      'INSERT INTO any_type (value) VALUES (?)',
      values.map((value) => [value]),
    );
    for (const [index, value] of values.entries()) {
      const sql = `SELECT id FROM any_type WHERE '?' IS NOT "value" /* ? */ AND value IS ?`;
      const found = engine.selectStored(sql, [value], () => true);
      expect(found, String(value)).toContainEqual([BigInt(index + 1)]);
      expect(engine.scalar('SELECT typeof(?)', [value]), String(value)).toBe(classOf(value));
    }
  });

  it('are read until somebody has enough, in their order, however many there are', async () => {
    const engine = await open();
    engine.execute(`WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 1000)
      INSERT INTO any_type (value) SELECT 1000 - i FROM n`);
    const sql = 'SELECT value FROM any_type ORDER BY value LIMIT ?';
    expect(engine.selectStored(sql, [900], () => true)).toEqual(
      Array.from({ length: 900 }, (_, index) => [BigInt(index)]),
    );
    expect(engine.selectStored(sql, [900], ([value]) => value !== 300n)).toHaveLength(301);
    expect(engine.selectStored(sql, [0], () => true)).toEqual([]);
  });

  it('are given back by RETURNING, and nothing of the statement is left to do', async () => {
    const engine = await open();
    engine.execute('BEGIN');
    const { rows } = engine.execute('INSERT INTO any_type (value) VALUES (1), (2) RETURNING id, value');
    expect(rows).toEqual([
      { id: 1, value: 1 },
      { id: 2, value: 2 },
    ]);
    engine.run('INSERT INTO any_type (value) VALUES (3), (4) RETURNING id', []);
    engine.execute('COMMIT');
    expect(engine.scalar('SELECT count(*) FROM any_type')).toBe(4);
  });
});

function classOf(value: unknown): string {
  if (typeof value === 'bigint') return 'integer';
  if (typeof value === 'number') return 'real';
  if (typeof value === 'string') return 'text';
  return value === null ? 'null' : 'blob';
}

describe('the transaction state', () => {
  it.each<[string, string[], boolean]>([
    ['BEGIN', ['BEGIN'], true],
    ['COMMIT', ['BEGIN', 'COMMIT'], false],
    ['END', ['BEGIN', 'END'], false],
    ['ROLLBACK', ['BEGIN', 'ROLLBACK'], false],
    ['a comment before it', ['/* now */ begin immediate'], true],
    ['a savepoint on its own', ['SAVEPOINT a'], true],
    ['its release', ['SAVEPOINT a', 'RELEASE a'], false],
    ['the release of an inner one', ['SAVEPOINT a', 'SAVEPOINT b', 'RELEASE b'], true],
    ['the release of one in a transaction', ['BEGIN', 'SAVEPOINT a', 'RELEASE a'], true],
    ['ROLLBACK TO', ['BEGIN', 'SAVEPOINT a', 'ROLLBACK TO a'], true],
    ['a statement that fails', ['BEGIN', 'INSERT INTO unique_one VALUES (1)'], true],
    ['one that cannot be compiled', ['BEGIN', 'SELECT missing FROM nowhere'], true],
    ['OR FAIL', ['BEGIN', 'INSERT OR FAIL INTO unique_one VALUES (1)'], true],
    ['OR ROLLBACK', ['BEGIN', 'INSERT OR ROLLBACK INTO unique_one VALUES (1)'], false],
    ['RAISE(ROLLBACK)', ['BEGIN', 'DELETE FROM unique_one'], false],
    ['RAISE(ROLLBACK) within a savepoint', ['SAVEPOINT a', 'DELETE FROM unique_one'], false],
    ['a COMMIT that a deferred constraint refuses', ['BEGIN', 'INSERT INTO child VALUES (7)', 'COMMIT'], true],
    ['BEGIN in a transaction', ['BEGIN', 'BEGIN'], true],
  ])('is right after %s', async (_name, statements, expected) => {
    const engine = await open();
    engine.execute('CREATE TABLE unique_one (id INTEGER PRIMARY KEY)');
    engine.execute('CREATE TABLE child (id INTEGER REFERENCES unique_one DEFERRABLE INITIALLY DEFERRED)');
    engine.execute('INSERT INTO unique_one VALUES (1)');
    engine.execute(
      `CREATE TRIGGER no_delete BEFORE DELETE ON unique_one BEGIN SELECT RAISE(ROLLBACK, 'not that one'); END`,
    );
    for (const sql of statements) {
      try {
        engine.run(sql, []);
      } catch {
        // What it does to the transaction is the question.
      }
    }
    expect(engine.inTransaction).toBe(expected);
    if (expected) engine.execute('ROLLBACK');
  });

  it('is kept by a question about it', async () => {
    const engine = await open();
    engine.execute('BEGIN');
    engine.execute('INSERT INTO any_type (value) VALUES (1), (2), (3)');
    expect(() => engine.execute('SELECT missing FROM nowhere')).toThrow();
    expect(engine.scalar('SELECT changes()')).toBe(3);
    expect(engine.scalar('SELECT last_insert_rowid()')).toBe(3);
    engine.execute('COMMIT');
  });
});

describe('an engine', () => {
  it('says of a lock that somebody else has that it is busy, and takes up where it was', async () => {
    const file = temporaryFile();
    const engine = await open(`sqlite:${file}`);
    const lock = await lockedBy(file);
    let busy: unknown;
    try {
      engine.execute('BEGIN IMMEDIATE');
    } catch (error) {
      busy = error;
    }
    expect(engine.isBusy(busy)).toBe(true);
    expect(engine.inTransaction).toBe(false);
    await lock.letGo();
    engine.execute('BEGIN IMMEDIATE');
    engine.execute('COMMIT');
    expect(() => engine.execute('SELECT missing FROM nowhere')).toThrow(/no such table/);
  });

  it('has nothing left open by a statement whose rows nobody takes', async () => {
    const file = temporaryFile();
    const { dataSource } = await audited([Note], { url: `sqlite:${file}` });
    const engine = engineOf(dataSource);
    const { databaseConnection } = dataSource.driver as unknown as {
      databaseConnection: { run?(sql: string): void };
    };
    databaseConnection.run?.('SELECT * FROM note, (VALUES (1), (2))');
    databaseConnection.run?.('PRAGMA table_list');
    engine.run('EXPLAIN SELECT * FROM note', []);
    engine.selectStored('SELECT * FROM note', [], () => true);
    const other = openSqlite(file);
    other.exec(`INSERT INTO note (text) VALUES ('of somebody else')`);
    other.close();
    engine.execute('BEGIN IMMEDIATE');
    engine.execute('COMMIT');
    expect(engine.scalar('SELECT count(*) FROM note')).toBe(1);
  });

  it('does not keep values of the call before', async () => {
    const engine = await open();
    expect(engine.execute('SELECT 1 AS one').rows).toEqual([{ one: 1 }]);
    const sql = 'SELECT id FROM any_type WHERE id = ?';
    engine.execute('INSERT INTO any_type (id) VALUES (1)');
    expect(engine.execute(sql, [1]).rows).toEqual([{ id: 1 }]);
    expect(engine.execute(sql, [null]).rows).toEqual([]);
  });

  it('is closed with its DataSource', async () => {
    const { dataSource } = await audited([Note]);
    const engine = engineOf(dataSource);
    expect(engine.isOpen).toBe(true);
    await dataSource.destroy();
    expect(engine.isOpen).toBe(false);
    expect(() => engine.execute('SELECT 1')).toThrow();
  });
});
