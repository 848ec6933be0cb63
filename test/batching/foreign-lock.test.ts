import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { AuditTrail, createDataSource, LockTimeoutError } from '../../src/index';
import { afterTest, audited, temporaryFile } from '../support/databases';
import { lockedBy } from '../support/foreign-lock';
import { Note } from '../support/note';

/** Ticks of a timer while another process holds the lock: it can only fire when the event loop turns. */
const tick = async (times: number) => {
  for (let count = 0; count < times; count += 1) await new Promise((resolve) => setTimeout(resolve, 10));
};

/** A file in WAL mode that nothing but its lock can keep anybody from. */
function emptyFile(): string {
  const file = temporaryFile();
  const database = new Database(file);
  database.pragma('journal_mode = WAL');
  database.close();
  return file;
}

describe("the library's own work, while another process holds the file's lock,", () => {
  it('waits in flush() and close(), while the event loop turns, and goes on afterwards', async () => {
    const file = temporaryFile();
    const { dataSource, trail } = await audited([Note], { url: `sqlite:${file}` });
    await dataSource.getRepository(Note).insert([{ text: 'a' }, { text: 'b' }]);
    const first = await lockedBy(file);
    const flushing = trail.flush();
    await tick(10);
    await first.letGo();
    expect(await flushing).toMatchObject({ flushed: 2, pendingCount: 0 });
    await dataSource.getRepository(Note).insert({ text: 'c' });
    const second = await lockedBy(file);
    const closing = trail.close();
    await tick(10);
    await second.letGo();
    await closing;
    expect(await dataSource.query('SELECT count(*) AS n FROM audit_outbox')).toEqual([{ n: 0 }]);
  });

  it('fails in flush() when it takes too long; reading goes on meanwhile, everything afterwards', async () => {
    const file = temporaryFile();
    const warnings: string[] = [];
    const { dataSource, trail } = await audited([Note], {
      url: `sqlite:${file}`,
      lockTimeoutMs: 100,
      onWarning: (message) => warnings.push(message),
    });
    await dataSource.getRepository(Note).insert({ text: 'a' });
    const lock = await lockedBy(file);
    await expect(trail.flush()).rejects.toThrow(LockTimeoutError);
    expect(warnings).toEqual([expect.stringMatching(/a drain failed.*another process has locked/)]);
    expect(await trail.stats()).toMatchObject({ pendingCount: 1, flushFailures: 1 });
    expect((await trail.recent()).pendingCount).toBe(1);
    await lock.letGo();
    expect(await trail.flush()).toMatchObject({ flushed: 1, pendingCount: 0 });
  });

  it('waits with reading, too, where the file keeps no write-ahead log', async () => {
    const file = temporaryFile();
    // Another connection to the file, which a reader is, would keep the mode from being changed.
    const { dataSource, trail } = await audited([Note], { url: `sqlite:${file}`, readers: false });
    await dataSource.getRepository(Note).insert({ text: 'a' });
    await dataSource.query('PRAGMA journal_mode = DELETE');
    const other = new Database(file);
    afterTest(() => void other.close());
    other.exec('BEGIN EXCLUSIVE');
    const reading = [trail.stats(), trail.recent(), dataSource.getRepository(Note).count()];
    await tick(5);
    other.exec('COMMIT');
    expect(await Promise.all(reading)).toMatchObject([{ pendingCount: 1 }, { pendingCount: 1 }, 1]);
  });

  it('is told and counted where the drain fails in the background, which tries again by itself', async () => {
    const file = temporaryFile();
    let tell!: (message: string) => void;
    const warned = new Promise<string>((resolve) => (tell = resolve));
    const { dataSource, trail } = await audited([Note], {
      url: `sqlite:${file}`,
      drain: true,
      commitIntervalMs: 3_600_000,
      batchSize: 2,
      lockTimeoutMs: 100,
      onWarning: (message) => tell(message),
    });
    await dataSource.getRepository(Note).insert({ text: 'a' });
    const lock = await lockedBy(file);
    // Wakes the drain, and waits behind it in vain.
    await expect(trail.flush()).rejects.toThrow(LockTimeoutError);
    expect(await warned).toContain('a drain failed');
    await lock.letGo();
    await dataSource.getRepository(Note).insert([{ text: 'b' }, { text: 'c' }]);
    while ((await trail.stats()).pendingCount > 0) await tick(1);
    expect(await trail.stats()).toMatchObject({ totalEntries: 3, flushFailures: 1 });
  });

  it('waits with the migration when attaching', async () => {
    const file = emptyFile();
    const lock = await lockedBy(file);
    const attaching = audited([Note], { url: `sqlite:${file}` });
    await tick(10);
    await lock.letGo();
    const { dataSource, trail } = await attaching;
    await dataSource.getRepository(Note).insert({ text: 'a' });
    expect(await trail.flush()).toMatchObject({ flushed: 1 });
  });

  it.each([true, false])(
    'fails when attaching takes too long, with nothing half-done (synchronize: %s)',
    async (synchronize) => {
      const file = emptyFile();
      const lock = await lockedBy(file);
      const dataSource = createDataSource(`sqlite:${file}`, {
        entities: [Note],
        synchronize,
        audit: { drain: false, lockTimeoutMs: 100 },
      });
      await expect(AuditTrail.attach(dataSource)).rejects.toThrow(LockTimeoutError);
      expect(dataSource.isInitialized).toBe(false);
      await lock.letGo();
      const trail = await AuditTrail.attach(dataSource);
      afterTest(() => dataSource.destroy());
      if (!synchronize) await dataSource.synchronize();
      await dataSource.getRepository(Note).insert({ text: 'a' });
      expect((await trail.recent({ fresh: true })).entries).toHaveLength(1);
    },
  );
});
