import { describe, expect, it } from 'vitest';
import { audited } from '../support/databases';
import { Note } from '../support/note';

describe('a flow that waits for nothing but the database', () => {
  it('leaves the event loop turning: timers fire, and the drain has its turn', async () => {
    const { dataSource, trail } = await audited([Note], { drain: true, commitIntervalMs: 10 });
    const notes = dataSource.getRepository(Note);
    let ticks = 0;
    const timer = setInterval(() => (ticks += 1), 1);
    // Without its turns neither the timer nor the drain would ever run, and this would not end.
    while (ticks < 5 || (await trail.stats()).flushedTotal < 100) await notes.insert({ text: 'a' });
    clearInterval(timer);
    expect((await trail.stats()).flushFailures).toBe(0);
  });
});
