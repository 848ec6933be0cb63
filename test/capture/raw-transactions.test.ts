import { describe, expect, it } from 'vitest';
import { TransactionHeldError, TransactionLeftOpenError, TransactionRequiredError } from '../../src/index';
import { audited } from '../support/databases';
import { settle } from '../support/gate';
import { Note } from '../support/note';

async function open() {
  const { dataSource, trail } = await audited([Note]);
  const notes = dataSource.getRepository(Note);
  const texts = async () => (await notes.find({ order: { id: 'ASC' } })).map(({ text }) => text);
  return { dataSource, trail, notes, texts };
}

describe('raw transaction statements', () => {
  for (const [begin, end, expected] of [
    ['BEGIN', 'COMMIT', ['raw', 'other']],
    ['begin immediate transaction', 'END', ['raw', 'other']],
    ['BEGIN', 'ROLLBACK', ['other']],
    ['/* a comment */ BEGIN', '-- another\nCOMMIT', ['raw', 'other']],
  ] as const) {
    it(`${begin} … ${end} on a query runner keeps others out, and lets them in afterwards`, async () => {
      const { dataSource, notes, texts } = await open();
      const runner = dataSource.createQueryRunner();
      const other = (async () => {
        await settle();
        await notes.insert({ text: 'other' });
      })();
      await runner.query(begin);
      await runner.query(`INSERT INTO note (text) VALUES ('raw')`);
      await settle();
      await runner.query(end);
      await runner.release();
      await other;
      expect(await texts()).toEqual(expected);
    });
  }

  it('BEGIN without a query runner that outlives it fails at once, with nothing left open', async () => {
    const { dataSource, notes, texts } = await open();
    await expect(dataSource.query('BEGIN')).rejects.toThrow(TransactionLeftOpenError);
    await notes.insert({ text: 'a' });
    expect(await texts()).toEqual(['a']);
  });

  it('a write through another manager in the flow of a raw BEGIN is refused at once', async () => {
    const { dataSource, notes, texts } = await open();
    const runner = dataSource.createQueryRunner();
    await runner.query('BEGIN');
    await runner.manager.insert(Note, { text: 'a' });
    await expect(notes.insert({ text: 'b' })).rejects.toThrow(TransactionHeldError);
    await runner.query('COMMIT');
    await runner.release();
    await notes.insert({ text: 'c' });
    expect(await texts()).toEqual(['a', 'c']);
  });

  it('a helper that makes a savepoint in a raw transaction leaves it usable', async () => {
    const { dataSource, texts } = await open();
    const runner = dataSource.createQueryRunner();
    const helper = async (text: string) => {
      await runner.startTransaction();
      await runner.manager.insert(Note, { text });
      await runner.commitTransaction();
    };
    await runner.query('BEGIN');
    await helper('a');
    await runner.manager.insert(Note, { text: 'b' });
    await helper('c');
    await runner.query('COMMIT');
    await runner.release();
    expect(await texts()).toEqual(['a', 'b', 'c']);
  });

  it('SAVEPOINT outside a transaction is refused', async () => {
    const { dataSource } = await open();
    await expect(dataSource.query('SAVEPOINT one')).rejects.toThrow(TransactionRequiredError);
  });

  it('COMMIT through another manager than the one that holds the transaction is refused', async () => {
    const { dataSource, texts } = await open();
    await dataSource.transaction(async (manager) => {
      await manager.insert(Note, { text: 'a' });
      await expect(dataSource.query('COMMIT')).rejects.toThrow(TransactionHeldError);
    });
    expect(await texts()).toEqual(['a']);
  });

  it('COMMIT through the manager of the transaction ends it; what follows stands alone', async () => {
    const { dataSource, texts } = await open();
    const work = dataSource.transaction(async (manager) => {
      await manager.insert(Note, { text: 'a' });
      await manager.query('COMMIT');
    });
    await expect(work).rejects.toThrow(/not started/i);
    expect(await texts()).toEqual(['a']);
  });

  it('raw savepoints inside a transaction undo rows and records together', async () => {
    const { dataSource, trail, texts } = await open();
    await dataSource.transaction(async (manager) => {
      await manager.query('SAVEPOINT one');
      await manager.insert(Note, { text: 'undone' });
      await manager.query('ROLLBACK TO one');
      await manager.insert(Note, { text: 'kept' });
      await manager.query('RELEASE one');
    });
    expect(await texts()).toEqual(['kept']);
    const { entries } = await trail.recent({ fresh: true });
    expect(entries.map(({ after }) => after?.['text'])).toEqual(['kept']);
  });
});
