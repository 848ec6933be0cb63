import type { QueryRunner } from 'typeorm';
import { expect, test } from 'vitest';
import type { AuditTrail } from '../../src/index';
import { afterTest, audited } from '../support/databases';
import { freshDatabase, stockOnServer } from '../support/mssql';
import { Note } from '../support/note';

/** A server may take long to make connections, and for its first statement on each. */
const timeout = 240_000;

/** A transaction that has written, and is open. */
async function held(runner: QueryRunner, text: string): Promise<QueryRunner> {
  afterTest(async () => {
    if (!runner.isReleased && runner.isTransactionActive) await runner.rollbackTransaction();
    await runner.release();
  });
  await runner.startTransaction();
  await runner.query('INSERT INTO note (text) VALUES (@0)', [text]);
  return runner;
}

/** Reads what nobody has told it of yet, up to the horizon. */
class LiveReader {
  readonly seen: unknown[] = [];
  private upTo = '2000-01-01T00:00:00Z';

  constructor(private readonly trail: AuditTrail) {}

  async read(): Promise<void> {
    const { completeUpTo } = (await this.trail.stats()).commitHorizon;
    if (completeUpTo <= this.upTo) return;
    const { entries } = await this.trail.recent({ from: this.upTo, to: completeUpTo, limit: 500 });
    this.seen.push(...entries.reverse().map(({ after }) => after!['text']));
    this.upTo = completeUpTo;
  }

  /** Until it has seen so many: the test's own time-out is the limit. */
  async readUntil(count: number): Promise<void> {
    while (this.seen.length < count) await this.read();
  }
}

test(
  'a reader that goes by the horizon skips nothing that commits late, whoever holds it, and whatever is rolled up',
  { timeout },
  async () => {
    const url = await freshDatabase();
    const { dataSource, trail } = await audited([Note], { url });
    const other = await audited([Note], { url });
    const reader = new LiveReader(trail);
    const insert = (text: string) => dataSource.getRepository(Note).insert({ text });

    await insert('first');
    await reader.readUntil(1);
    const before = Date.now();
    const early = await held(other.dataSource.createQueryRunner(), 'early');
    const begun = Date.now();
    await insert('between');
    const late = await held(dataSource.createQueryRunner(), 'late');
    await insert('after');
    for (let round = 0; round < 2; round += 1) {
      await trail.flush();
      await reader.read();
    }
    // The number of the entry that nobody sees yet is lower than those of others that are there.
    expect(reader.seen).toEqual(['first']);
    const { completeUpTo, oldestTransactionAgeMs } = (await trail.stats()).commitHorizon;
    expect(new Date(completeUpTo).getTime()).toBeGreaterThanOrEqual(before - 1000);
    expect(new Date(completeUpTo).getTime()).toBeLessThanOrEqual(begun);
    expect(oldestTransactionAgeMs).toBeGreaterThan(0);
    expect((await trail.recent()).completeUpTo).toBe(completeUpTo);
    expect((await other.trail.dashboard()).completeUpTo).toBe(completeUpTo);

    await early.commitTransaction();
    await reader.readUntil(4);
    await late.rollbackTransaction();
    await insert('last');
    await reader.readUntil(5);
    expect(reader.seen).toEqual(['first', 'early', 'between', 'after', 'last']);
    expect((await trail.stats()).commitHorizon.oldestTransactionAgeMs).toBeNull();
    expect((await trail.stats({ fresh: true })).totalEntries).toBe(5);
  },
);

test(
  'a transaction of another program, which has no context, holds the horizon back as well',
  { timeout },
  async () => {
    const url = await freshDatabase();
    const { trail } = await audited([Note], { url });
    const plain = await stockOnServer([Note], url);
    const runner = await held(plain.createQueryRunner(), 'outside');
    const reader = new LiveReader(trail);
    await trail.flush();
    expect((await trail.stats()).commitHorizon.oldestTransactionAgeMs).not.toBeNull();
    await reader.read();
    expect(reader.seen).toEqual([]);
    await runner.commitTransaction();
    await reader.readUntil(1);
    expect(reader.seen).toEqual(['outside']);
  },
);

test('a transaction that has only read holds nothing back', { timeout }, async () => {
  const { dataSource, trail } = await audited([Note], { url: await freshDatabase() });
  await dataSource.transaction(async (manager) => {
    await manager.count(Note);
    expect((await trail.stats()).commitHorizon.oldestTransactionAgeMs).toBeNull();
  });
});
