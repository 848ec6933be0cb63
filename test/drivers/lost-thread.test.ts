import type { Worker } from 'node:worker_threads';
import type { DataSource } from 'typeorm';
import { describe, expect, it } from 'vitest';
import { AuditTrail } from '../../src/index';
import { audited, temporaryFile } from '../support/databases';
import { Note } from '../support/note';
import { sqlitePackage } from '../support/sqlite';

/** Ends the thread as a crash of it would; whoever asks it before it is known to be gone gets no answer. */
function endThread(dataSource: DataSource): Promise<number> {
  const { databaseConnection } = dataSource.driver as unknown as {
    databaseConnection: { thread: { worker: Worker } };
  };
  return databaseConnection.thread.worker.terminate();
}

const lost = expect.objectContaining({ code: 'AUDIT_CONNECTION_LOST' }) as Error;

describe("where the thread of TypeORM's connection ends", () => {
  it.for([
    { when: 'in a transaction', known: true },
    { when: 'in a transaction', known: false },
    // Before COMMIT the schema is looked at, and nobody answers that.
    { when: 'at the commit', known: false },
    { when: 'at a statement on its own', known: true },
  ])(
    '$when, known: $known, all that had committed and its entries are there, and nothing else',
    { timeout: 60_000 },
    async ({ when, known }, context) => {
      if (sqlitePackage !== 'sqlite3') context.skip('another package has no such thread');
      const url = `sqlite:${temporaryFile()}`;
      const { dataSource, trail } = await audited([Note], { url });
      await dataSource.getRepository(Note).save({ text: 'one' });
      await trail.flush();
      await dataSource.getRepository(Note).save({ text: 'two, not drained' });
      const runner = dataSource.createQueryRunner();
      if (when !== 'at a statement on its own') {
        await runner.startTransaction();
        await runner.manager.save(Note, { text: 'three' });
      }
      const ended = endThread(dataSource);
      if (known) await ended;
      const next =
        when === 'at the commit' ? runner.commitTransaction() : runner.manager.insert(Note, { text: 'four' });
      await expect(next).rejects.toEqual(lost);
      if (runner.isTransactionActive) {
        await runner.rollbackTransaction();
      }
      await runner.release();
      await expect(dataSource.getRepository(Note).save({ text: 'five' })).rejects.toEqual(lost);
      // As the error advises.
      await expect(dataSource.destroy()).rejects.toEqual(lost);
      await dataSource.initialize();
      const again = await AuditTrail.attach(dataSource);
      const notes = await dataSource.getRepository(Note).find({ order: { id: 'ASC' } });
      expect(notes.map(({ text }) => text)).toEqual(['one', 'two, not drained']);
      const { entries } = await again.recent({ fresh: true });
      expect(entries.map(({ entityId, operation }) => [entityId, operation])).toEqual([
        ['2', 'insert'],
        ['1', 'insert'],
      ]);
      expect(await again.doctor()).toMatchObject({ differences: [] });
    },
  );
});
