import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { auditContext, TransactionIdleError } from '../../src/index';
import { afterTest, type Audited, audited, temporaryFile } from '../support/databases';
import { Gate, settle } from '../support/gate';
import { Note } from '../support/note';

interface Watched extends Audited {
  /** Resolves with the warning when a transaction has been ended. */
  ended: Promise<string>;
}

/** A database on which transactions may idle for 20 ms. */
async function impatient(): Promise<Watched> {
  let tell!: (message: string) => void;
  const ended = new Promise<string>((resolve) => (tell = resolve));
  const options = { idleTransactionTimeoutMs: 20, onWarning: (message: string) => tell(message) };
  return { ...(await audited([Note], options)), ended };
}

const texts = async ({ trail }: Audited) =>
  (await trail.recent({ fresh: true })).entries.map(({ after }) => after?.['text']);

describe('an idle transaction', () => {
  it('is rolled back, so that those who wait go on; its owner is told at the next statement and at COMMIT', async () => {
    const database = await impatient();
    const { dataSource, ended } = database;
    const runner = dataSource.createQueryRunner();
    await auditContext.run({ actor: 'ann' }, async () => {
      // So that the flow of the test is not in the transaction.
      await settle();
      await runner.startTransaction();
      await runner.manager.update(Note, { text: 'nobody' }, { text: 'of the idle one' });
    });
    const waiting = auditContext.run({ actor: 'bob' }, () => dataSource.getRepository(Note).insert({ text: 'waited' }));
    const warning = await ended;
    expect(warning).toMatch(
      /transaction of actor "ann" since \d{4}-.* ran no statement for \d+ ms \(its last: a write\)/,
    );
    await waiting;
    const refused = runner.manager.insert(Note, { text: 'late' });
    await expect(refused).rejects.toThrow(TransactionIdleError);
    await expect(refused).rejects.toMatchObject({
      code: 'AUDIT_TRANSACTION_IDLE',
      message: expect.stringContaining('actor "ann"') as string,
      remedy: expect.stringContaining('idleTransactionTimeoutMs') as string,
    });
    await expect(runner.commitTransaction()).rejects.toThrow(TransactionIdleError);
    await runner.rollbackTransaction();
    await runner.startTransaction();
    await runner.manager.insert(Note, { text: 'afresh' });
    await runner.commitTransaction();
    await runner.release();
    expect(await texts(database)).toEqual(['afresh', 'waited']);
    expect((await database.trail.stats()).pool.idleTransactionsEnded).toBe(1);
  });

  it('of dataSource.transaction() fails at COMMIT where nothing else came', async () => {
    const database = await impatient();
    const idle = database.dataSource.transaction(async (manager) => {
      await manager.insert(Note, { text: 'of the idle one' });
      await database.ended;
    });
    await expect(idle).rejects.toThrow(TransactionIdleError);
    expect(await texts(database)).toEqual([]);
    expect(await database.dataSource.getRepository(Note).count()).toBe(0);
  });

  it('takes its savepoints with it', async () => {
    const { dataSource, ended } = await impatient();
    const idle = dataSource.transaction(async (manager) => {
      const inner = manager.transaction(async (nested) => {
        await nested.insert(Note, { text: 'of the savepoint' });
        await ended;
        await nested.insert(Note, { text: 'late' });
      });
      await expect(inner).rejects.toThrow(TransactionIdleError);
      await manager.insert(Note, { text: 'later' });
    });
    await expect(idle).rejects.toThrow(TransactionIdleError);
    expect(await dataSource.getRepository(Note).count()).toBe(0);
  });

  it('is one without any statement, too', async () => {
    const { dataSource, ended } = await impatient();
    const runner = dataSource.createQueryRunner();
    await runner.startTransaction();
    expect(await ended).toContain('a flow without actor');
    expect(await ended).toContain('its last: none');
    await runner.release();
  });

  it('is none while it waits for the file, nor while its statements keep coming', async () => {
    const file = temporaryFile();
    const idleTransactionTimeoutMs = 100;
    const { dataSource, trail } = await audited([Note], { url: `sqlite:${file}`, idleTransactionTimeoutMs });
    const other = new Database(file);
    afterTest(() => void other.close());
    other.exec('BEGIN IMMEDIATE');
    setTimeout(() => other.exec('ROLLBACK'), 2 * idleTransactionTimeoutMs);
    await dataSource.transaction(async (manager) => {
      const begun = performance.now();
      while (performance.now() - begun < 2 * idleTransactionTimeoutMs) {
        await manager.insert(Note, { text: 'busy' });
        await new Promise((resolve) => setImmediate(resolve));
      }
    });
    expect((await trail.stats()).pool.idleTransactionsEnded).toBe(0);
  });

  it('is none while a statement is queued in it', async () => {
    const { dataSource, trail } = await impatient();
    const gate = new Gate();
    await dataSource.transaction(async (manager) => {
      const savepoint = manager.transaction(() => gate.opened);
      await settle();
      const queued = manager.insert(Note, { text: 'queued' });
      setTimeout(() => gate.open(), 60);
      await Promise.all([savepoint, queued]);
    });
    expect((await trail.stats()).pool.idleTransactionsEnded).toBe(0);
  });

  it('is left alone with 0', async () => {
    const { dataSource, trail } = await audited([Note], { idleTransactionTimeoutMs: 0 });
    const gate = new Gate();
    const open = dataSource.transaction(async (manager) => {
      await manager.insert(Note, { text: 'in no hurry' });
      await gate.opened;
    });
    setTimeout(() => gate.open(), 30);
    await open;
    expect((await trail.stats()).pool.idleTransactionsEnded).toBe(0);
  });

  it('ends although the one who is to be told of it fails', async () => {
    const warned = new Promise<Error>((resolve) => process.once('warning', resolve));
    const { dataSource } = await audited([Note], {
      idleTransactionTimeoutMs: 20,
      onWarning: () => {
        throw new Error('no ear');
      },
    });
    const idle = dataSource.transaction(() => warned);
    await expect(idle).rejects.toThrow(TransactionIdleError);
    expect((await warned).message).toMatch(/no ear.*ran no statement/);
  });
});
