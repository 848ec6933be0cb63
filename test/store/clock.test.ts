import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { AuditTrail } from '../../src/index';
import { audited } from '../support/databases';
import { Note } from '../support/note';

const at = (time: string) => new Date(`2026-03-01T${time}:00.000Z`);
const isoAt = (time: string) => at(time).toISOString();

// Only the clock on the wall: timers, and the monotonic clock that durations come from, go on as they are.
beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'] }));
afterEach(() => void vi.useRealTimers());

const texts = async (trail: AuditTrail, query = {}) =>
  (await trail.recent({ fresh: true, ...query })).entries.map(({ after }) => after?.['text']);

describe('a clock that is set back', () => {
  /** One note, changed before and after its clock went back by two hours, and seen at 13:00. */
  async function history() {
    const { dataSource, trail } = await audited([Note]);
    const notes = dataSource.getRepository(Note);
    vi.setSystemTime(at('12:00'));
    await notes.insert({ text: 'at 12:00' });
    vi.setSystemTime(at('12:30'));
    await notes.update(1, { text: 'at 12:30' });
    vi.setSystemTime(at('10:30'));
    await notes.update(1, { text: 'at 10:30, later' });
    vi.setSystemTime(at('12:15'));
    await notes.update(1, { text: 'at 12:15, last' });
    return { dataSource, trail };
  }

  it('leaves the order of the log, its pages and its identity alone', async () => {
    const { trail } = await history();
    const newestFirst = ['at 12:15, last', 'at 10:30, later', 'at 12:30', 'at 12:00'];
    expect(await texts(trail)).toEqual(newestFirst);
    const paged: unknown[] = [];
    for (let cursor: string | undefined, more = true; more;) {
      const { entries, nextCursor } = await trail.recent({ limit: 1, ...(cursor !== undefined && { cursor }) });
      paged.push(...entries.map(({ after }) => after!['text']));
      more = nextCursor !== null;
      cursor = nextCursor ?? undefined;
    }
    expect(paged).toEqual(newestFirst);
    const { entries } = await trail.history(Note, 1);
    expect(entries.map(({ seq, recordedAt }) => [seq, recordedAt])).toEqual([
      [4, isoAt('12:15')],
      [3, isoAt('10:30')],
      [2, isoAt('12:30')],
      [1, isoAt('12:00')],
    ]);
  });

  it('gives asOf() the newest change, by the order of the log, whose instant is not later', async () => {
    const { trail } = await history();
    const asOf = async (time: string) => (await trail.asOf(Note, 1, at(time)))?.image['text'];
    expect(await asOf('12:30')).toBe('at 12:15, last');
    expect(await asOf('12:14')).toBe('at 10:30, later');
    expect(await asOf('10:30')).toBe('at 10:30, later');
    expect(await asOf('10:29')).toBeUndefined();
  });

  it('filters and counts by the instants as they were recorded', async () => {
    const { trail } = await history();
    expect(await texts(trail, { from: isoAt('12:00'), to: isoAt('12:30') })).toEqual(['at 12:15, last', 'at 12:00']);
    vi.setSystemTime(at('13:00'));
    const { hours, days, totalEntries } = await trail.dashboard();
    expect(hours.filter(({ count }) => count > 0)).toEqual([
      { at: isoAt('10:00'), count: 1 },
      { at: isoAt('12:00'), count: 3 },
    ]);
    expect([days.at(-1), totalEntries]).toEqual([{ at: '2026-03-01', count: 4 }, 4]);
  });

  it('makes no age, duration or uptime negative, and claims nothing about the future', async () => {
    vi.setSystemTime(at('12:00'));
    const { dataSource, trail } = await audited([Note]);
    await dataSource.getRepository(Note).insert({ text: 'a' });
    vi.setSystemTime(at('10:00'));
    const stats = await trail.stats();
    expect(stats.oldestPendingAgeMs).toBe(0);
    expect(stats.uptimeSeconds).toBeGreaterThan(0);
    expect(stats.uptimeSeconds).toBeLessThan(3600);
    expect((await trail.recent()).completeUpTo).toBe(isoAt('10:00'));
    expect((await trail.flush()).durationMs).toBeGreaterThan(0);
    expect((await trail.stats()).pool.longestWaitMs).toBeGreaterThanOrEqual(0);
  });

  it('stops no drain, and ends no transaction', async () => {
    vi.setSystemTime(at('12:00'));
    const { dataSource, trail } = await audited([Note], { drain: true, commitIntervalMs: 10 });
    await dataSource.transaction(async (manager) => {
      await manager.insert(Note, { text: 'a' });
      vi.setSystemTime(at('10:00'));
      await manager.insert(Note, { text: 'b' });
    });
    vi.setSystemTime(at('08:00'));
    while ((await trail.stats()).pendingCount > 0) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(await texts(trail)).toEqual(['b', 'a']);
  });
});
