import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { sqliteDialect } from '../../src/dialect/sqlite/dialect';
import { SqliteEngine } from '../../src/dialect/sqlite/better-sqlite3/engine';
import { LockTimeoutError } from '../../src/index';
import { audited, stock, temporaryFile } from '../support/databases';
import { lockedBy } from '../support/foreign-lock';
import { Note } from '../support/note';

describe("another process's lock", () => {
  it('is waited for without blocking the event loop', async () => {
    const file = temporaryFile();
    const { dataSource, trail } = await audited([Note], { url: `sqlite:${file}` });
    const lock = await lockedBy(file);
    const writes = [
      dataSource.getRepository(Note).insert({ text: 'plain' }),
      dataSource.transaction((manager) => manager.insert(Note, { text: 'in a transaction' })),
    ];
    // The timers can only fire, and the lock only be let go of, when the loop runs.
    for (let tick = 0; tick < 20; tick += 1) await new Promise((resolve) => setTimeout(resolve, 10));
    await Promise.all([lock.letGo(), ...writes]);
    expect((await trail.recent({ fresh: true })).entries).toHaveLength(2);
  });

  it('… for which a stock DataSource stops the event loop', async () => {
    const file = temporaryFile();
    const dataSource = await stock([Note], file);
    (dataSource.driver as unknown as { databaseConnection: Database.Database }).databaseConnection.pragma(
      'busy_timeout = 300',
    );
    const lock = await lockedBy(file);
    let ticks = 0;
    const timer = setInterval(() => (ticks += 1), 1);
    // It never gets to letGo() before it gives up, because nothing else runs meanwhile.
    const letGo = setTimeout(() => void lock.letGo(), 50);
    await expect(dataSource.getRepository(Note).insert({ text: 'a' })).rejects.toThrow(/locked/);
    clearTimeout(letGo);
    clearInterval(timer);
    expect(ticks).toBeLessThan(10);
  });

  it('ends in an error that says so when it takes too long, with nothing written', async () => {
    const file = temporaryFile();
    const { dataSource, trail } = await audited([Note], { url: `sqlite:${file}`, lockTimeoutMs: 100 });
    const lock = await lockedBy(file);
    await expect(dataSource.getRepository(Note).insert({ text: 'a' })).rejects.toThrow(LockTimeoutError);
    await expect(dataSource.transaction((manager) => manager.insert(Note, { text: 'a' }))).rejects.toThrow(
      /another process/,
    );
    const runner = dataSource.createQueryRunner();
    await expect(runner.startTransaction()).rejects.toThrow(LockTimeoutError);
    expect(runner.isTransactionActive).toBe(false);
    await runner.release();
    await lock.letGo();
    await dataSource.getRepository(Note).insert({ text: 'afterwards' });
    expect((await trail.recent({ fresh: true })).entries.map(({ after }) => after?.['text'])).toEqual(['afterwards']);
  });
});

describe('a BEGIN that fails', () => {
  it('leaves the flag of a stock query runner set; see above for ours', async () => {
    const dataSource = await stock([Note]);
    await dataSource.query('BEGIN');
    const runner = dataSource.createQueryRunner();
    await expect(runner.startTransaction()).rejects.toThrow(/within a transaction/);
    expect(runner.isTransactionActive).toBe(true);
  });
});

describe('journal mode', () => {
  it('is write-ahead logging on a file, asked for and verified', async () => {
    const file = temporaryFile();
    const { trail } = await audited([Note], { url: `sqlite:${file}` });
    expect(trail.describe()).toMatchObject({ journalMode: 'wal', warnings: [] });
  });

  it('is asked for again while another process keeps the file from being switched', async () => {
    const file = temporaryFile();
    const other = new Database(file);
    other.exec('CREATE TABLE t (x); INSERT INTO t VALUES (1), (2)');
    const reader = other.prepare('SELECT x FROM t').iterate();
    reader.next();
    const opening = audited([Note], { url: `sqlite:${file}` });
    await new Promise((resolve) => setTimeout(resolve, 50));
    reader.return?.();
    other.close();
    expect((await opening).trail.describe().journalMode).toBe('wal');
  });

  it('that cannot be WAL is warned about', () => {
    /** A database in memory, which refuses WAL as a network file system does, taken for a file. */
    class TakenForFile extends SqliteEngine {
      override get isInMemory(): boolean {
        return false;
      }
    }
    const prepared = sqliteDialect.prepare(new TakenForFile(new Database(':memory:')));
    expect(prepared.warnings).toEqual([
      expect.stringMatching(/Write-ahead logging could not be switched on .*local disk/),
    ]);
  });
});
