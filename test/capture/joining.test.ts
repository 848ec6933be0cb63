import { describe, expect, it } from 'vitest';
import {
  LockTimeoutError,
  TransactionHeldError,
  TransactionLeftOpenError,
  TransactionLostError,
} from '../../src/index';
import { audited } from '../support/databases';
import { Gate, settle } from '../support/gate';
import { Note } from '../support/note';

const rollBack = new Error('roll back');

async function open(options: { lockTimeoutMs?: number } = {}) {
  const { dataSource, trail } = await audited([Note], options);
  const notes = dataSource.getRepository(Note);
  const texts = async () => (await notes.find({ order: { id: 'ASC' } })).map(({ text }) => text);
  return { dataSource, trail, notes, texts };
}

describe('work inside a transaction', () => {
  it('joins it through the global manager and through repositories', async () => {
    const { dataSource, notes, texts } = await open();
    await expect(
      dataSource.transaction(async (manager) => {
        await manager.insert(Note, { text: 'manager' });
        await dataSource.manager.insert(Note, { text: 'global manager' });
        await notes.save({ text: 'repository' });
        await dataSource.query(`INSERT INTO note (text) VALUES ('raw')`);
        expect(await texts()).toHaveLength(4);
        throw rollBack;
      }),
    ).rejects.toBe(rollBack);
    expect(await texts()).toEqual([]);
  });

  it('makes of dataSource.transaction() and manager.transaction() a savepoint', async () => {
    const { dataSource, texts } = await open();
    await dataSource.transaction(async (outer) => {
      await outer.insert(Note, { text: 'outer' });
      await dataSource.transaction((inner) => inner.insert(Note, { text: 'kept' }));
      const failing = outer.transaction(async (inner) => {
        await inner.insert(Note, { text: 'undone' });
        throw rollBack;
      });
      await expect(failing).rejects.toBe(rollBack);
    });
    expect(await texts()).toEqual(['outer', 'kept']);
  });

  it('takes savepoints that were started side by side in turn', async () => {
    const { dataSource, texts } = await open();
    await dataSource.transaction(async (outer) => {
      const nested = (text: string, fails: boolean) =>
        outer.transaction(async (inner) => {
          await inner.insert(Note, { text });
          await settle();
          if (fails) throw rollBack;
        });
      const beside = outer.insert(Note, { text: 'beside' });
      await Promise.allSettled([nested('a', false), nested('b', true), nested('c', false), beside]);
    });
    expect((await texts()).sort()).toEqual(['a', 'beside', 'c']);
  });

  it('lets a subscriber write through the global manager in the transaction of a save()', async () => {
    const { dataSource, notes, texts } = await open();
    let isFirst = true;
    dataSource.subscribers.push({
      async afterInsert() {
        if (!isFirst) return;
        isFirst = false;
        await notes.save({ text: 'by the subscriber' });
        throw rollBack;
      },
    });
    await expect(notes.save({ text: 'saved' })).rejects.toBe(rollBack);
    expect(await texts()).toEqual([]);
  });
});

describe('work that was not awaited', () => {
  it('goes on by itself when its transaction has ended, and into no other', async () => {
    const { dataSource, notes, texts } = await open();
    const gate = new Gate();
    let late: Promise<unknown> | undefined;
    await dataSource.transaction(async (manager) => {
      await manager.insert(Note, { text: 'first' });
      late = gate.opened.then(() => notes.insert({ text: 'late' }));
    });
    const other = dataSource.transaction(async (manager) => {
      await manager.insert(Note, { text: 'second' });
      gate.open();
      await settle();
      throw rollBack;
    });
    await expect(other).rejects.toBe(rollBack);
    await late;
    expect(await texts()).toEqual(['first', 'late']);
  });

  it('fails on the manager of an ended transaction', async () => {
    const { dataSource, texts } = await open();
    const gate = new Gate();
    let late: Promise<unknown> | undefined;
    await dataSource.transaction((manager) => {
      late = gate.opened.then(() => manager.insert(Note, { text: 'late' }));
      late.catch(() => undefined);
      return Promise.resolve();
    });
    gate.open();
    await expect(late).rejects.toThrow(/released/);
    expect(await texts()).toEqual([]);
  });

  it('fails on a query runner that is in its next transaction', async () => {
    const { dataSource, texts } = await open();
    const runner = dataSource.createQueryRunner();
    const gate = new Gate();
    await runner.startTransaction();
    const late = gate.opened.then(() => runner.manager.insert(Note, { text: 'late' }));
    late.catch(() => undefined);
    await runner.commitTransaction();
    await runner.startTransaction();
    gate.open();
    await expect(late).rejects.toThrow(TransactionLostError);
    await runner.rollbackTransaction();
    await runner.release();
    expect(await texts()).toEqual([]);
  });
});

describe('a hand-started query runner', () => {
  it('commits what went through it', async () => {
    const { dataSource, texts } = await open();
    const runner = dataSource.createQueryRunner();
    await runner.connect();
    await runner.startTransaction();
    await runner.manager.save(Note, { text: 'a' });
    await runner.query(`INSERT INTO note (text) VALUES ('b')`);
    expect(runner.isTransactionActive).toBe(true);
    await runner.commitTransaction();
    expect(runner.isTransactionActive).toBe(false);
    await runner.release();
    expect(await texts()).toEqual(['a', 'b']);
  });

  it('lets other managers of its flow read, and refuses their writes at once, naming the holder', async () => {
    const { dataSource, notes, texts } = await open();
    const runner = dataSource.createQueryRunner();
    await runner.startTransaction();
    await runner.manager.insert(Note, { text: 'a' });
    expect(await texts()).toEqual(['a']);
    await expect(notes.insert({ text: 'b' })).rejects.toThrow(TransactionHeldError);
    await expect(notes.insert({ text: 'b' })).rejects.toThrow(/transaction of a flow without actor since/);
    await expect(notes.save({ text: 'b' })).rejects.toThrow(TransactionHeldError);
    await runner.commitTransaction();
    await runner.release();
    await notes.insert({ text: 'afterwards' });
    expect(await texts()).toEqual(['a', 'afterwards']);
  });

  it('waits its turn behind others that were started in the same breath', async () => {
    const { dataSource, texts } = await open();
    const job = async (text: string, fails: boolean) => {
      const runner = dataSource.createQueryRunner();
      await runner.startTransaction();
      try {
        await runner.manager.insert(Note, { text });
        await settle();
        if (fails) throw rollBack;
        await runner.commitTransaction();
      } catch {
        await runner.rollbackTransaction();
      } finally {
        await runner.release();
      }
    };
    await Promise.all([job('a', false), job('b', true), job('c', false)]);
    expect(await texts()).toEqual(['a', 'c']);
  });

  it('nests, by savepoints', async () => {
    const { dataSource, texts } = await open();
    const runner = dataSource.createQueryRunner();
    await runner.startTransaction();
    await runner.manager.insert(Note, { text: 'a' });
    await runner.startTransaction();
    await runner.manager.insert(Note, { text: 'b' });
    await runner.rollbackTransaction();
    await runner.commitTransaction();
    await runner.release();
    expect(await texts()).toEqual(['a']);
  });

  it('that is released in an open transaction rolls back, says so, and holds nobody up', async () => {
    const { dataSource, notes, texts } = await open();
    const runner = dataSource.createQueryRunner();
    await runner.startTransaction();
    await runner.manager.insert(Note, { text: 'a' });
    await expect(runner.release()).rejects.toThrow(TransactionLeftOpenError);
    await notes.insert({ text: 'b' });
    expect(await texts()).toEqual(['b']);
  });

  it('names the holder when a wait takes too long', async () => {
    const { dataSource, notes } = await open({ lockTimeoutMs: 50 });
    const gate = new Gate();
    const holding = dataSource.transaction(() => gate.opened);
    await settle();
    await expect(notes.insert({ text: 'late' })).rejects.toThrow(LockTimeoutError);
    await expect(notes.insert({ text: 'late' })).rejects.toThrow(
      /held for \d+ ms by transaction of a flow without actor/,
    );
    gate.open();
    await holding;
  });
});

describe('a transaction that the database rolls back by itself', () => {
  it('fails what follows, instead of committing it statement by statement', async () => {
    const { dataSource, notes, texts } = await open();
    await dataSource.query('CREATE UNIQUE INDEX note_text ON note (text)');
    await notes.insert({ text: 'a' });
    const losing = dataSource.transaction(async (manager) => {
      await manager.insert(Note, { text: 'b' });
      await manager.query(`INSERT OR ROLLBACK INTO note (text) VALUES ('a')`).catch(() => undefined);
      await manager.insert(Note, { text: 'c' });
    });
    await expect(losing).rejects.toThrow(TransactionLostError);
    expect(await texts()).toEqual(['a']);
  });

  it('holds nobody up meanwhile', async () => {
    const { dataSource, notes, texts } = await open();
    await dataSource.query('CREATE UNIQUE INDEX note_text ON note (text)');
    await notes.insert({ text: 'a' });
    const gate = new Gate();
    const losing = dataSource.transaction(async (manager) => {
      await manager.query(`INSERT OR ROLLBACK INTO note (text) VALUES ('a')`).catch(() => undefined);
      await gate.opened;
    });
    await settle();
    await notes.insert({ text: 'b' });
    gate.open();
    await expect(losing).rejects.toThrow(TransactionLostError);
    expect(await texts()).toEqual(['a', 'b']);
  });

  it('is not climbed out of: what ends inside ends nothing around it', async () => {
    const { dataSource, texts } = await open();
    const gate = new Gate();
    await dataSource.transaction(async (outer) => {
      let floating: Promise<unknown> | undefined;
      await outer.insert(Note, { text: 'before' });
      const middle = outer.transaction(async (manager) => {
        floating = manager.transaction(async (inner) => {
          await inner.insert(Note, { text: 'inner' });
          await gate.opened;
        });
        floating.catch(() => undefined);
        await settle();
        throw rollBack;
      });
      await expect(middle).rejects.toBe(rollBack);
      gate.open();
      await expect(floating).rejects.toThrow(TransactionLostError);
      await outer.insert(Note, { text: 'kept' });
    });
    expect(await texts()).toEqual(['before', 'kept']);
  });

  it('keeps nested work from landing on its own', async () => {
    const { dataSource, notes, texts } = await open();
    await dataSource.query('CREATE UNIQUE INDEX note_text ON note (text)');
    await notes.insert({ text: 'a' });
    const losing = dataSource.transaction(async (outer) => {
      const inner = outer.transaction(async (manager) => {
        await manager.query(`INSERT OR ROLLBACK INTO note (text) VALUES ('a')`).catch(() => undefined);
      });
      await expect(inner).rejects.toThrow(TransactionLostError);
      await expect(outer.insert(Note, { text: 'must not land' })).rejects.toThrow(TransactionLostError);
      await expect(outer.transaction(() => Promise.resolve())).rejects.toThrow(TransactionLostError);
      await expect(outer.insert(Note, { text: 'nor this' })).rejects.toThrow(TransactionLostError);
    });
    await expect(losing).rejects.toThrow(TransactionLostError);
    expect(await texts()).toEqual(['a']);
  });
});
