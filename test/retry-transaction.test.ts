import { describe, expect, it } from 'vitest';
import { LockTimeoutError, retryTransaction, TransactionHeldError, TransactionLostError } from '../src/index';
import { audited, temporaryFile } from './support/databases';
import { lockedBy } from './support/foreign-lock';
import { Note } from './support/note';

describe('retryTransaction()', () => {
  it("comes through where another process's lock outlasts the time-out", async () => {
    const { dataSource, trail } = await audited([Note], { url: `sqlite:${temporaryFile()}`, lockTimeoutMs: 20 });
    const lock = await lockedBy(String(dataSource.options.database));
    const failures: unknown[] = [];
    let released: Promise<void> | undefined;
    const result = await retryTransaction(
      dataSource,
      async (manager) => {
        await manager.insert(Note, { text: 'at last' });
        return 'done';
      },
      {
        attempts: 100,
        delayMs: 1,
        onRetry: (error, attempt) => {
          failures.push([error.constructor, attempt]);
          if (attempt === 2) released = lock.letGo();
        },
      },
    );
    await released;
    expect(result).toBe('done');
    expect(failures.slice(0, 2)).toEqual([
      [LockTimeoutError, 1],
      [LockTimeoutError, 2],
    ]);
    expect((await trail.recent({ fresh: true })).entries.map(({ after }) => after?.['text'])).toEqual(['at last']);
  });

  it('runs again what the database rolled back, of which nothing is recorded', async () => {
    const { dataSource, trail } = await audited([Note]);
    let runs = 0;
    await retryTransaction(
      dataSource,
      async (manager) => {
        await manager.insert(Note, { id: 1, text: `run ${(runs += 1)}` });
        if (runs > 1) return;
        const conflict = manager.query(`INSERT OR ROLLBACK INTO note (id, text) VALUES (1, 'taken')`);
        await conflict.catch(() => undefined);
        await manager.insert(Note, { text: 'into the void' });
      },
      { delayMs: 0 },
    );
    expect((await trail.recent({ fresh: true })).entries.map(({ after }) => after?.['text'])).toEqual(['run 2']);
  });

  it('gives up after the last attempt, with its error', async () => {
    const { dataSource } = await audited([Note]);
    let runs = 0;
    const lost = retryTransaction(dataSource, () => Promise.reject(new TransactionLostError(`run ${(runs += 1)}`)), {
      attempts: 3,
      delayMs: 1,
    });
    await expect(lost).rejects.toThrow('run 3');
  });

  it('does not run again after an error of another kind', async () => {
    const { dataSource } = await audited([Note]);
    let runs = 0;
    const failing = retryTransaction(dataSource, () => Promise.reject(new Error(`run ${(runs += 1)}`)));
    await expect(failing).rejects.toThrow('run 1');
  });

  it('is refused inside a transaction, and with options that make no sense', async () => {
    const { dataSource } = await audited([Note]);
    const nothing = () => Promise.resolve();
    await dataSource.transaction(async () => {
      await expect(retryTransaction(dataSource, nothing)).rejects.toThrow(TransactionHeldError);
    });
    await expect(retryTransaction(dataSource, nothing, { attempts: 0 })).rejects.toThrow(/attempts must be/);
    await expect(retryTransaction(dataSource, nothing, { delayMs: -1 })).rejects.toThrow(/delayMs must be/);
  });
});
