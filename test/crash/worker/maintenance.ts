import { setImmediate as yieldToLoop } from 'node:timers/promises';
import { AuditDatabaseUnavailableError, AuditTrail } from 'typeorm-audit-trail';
import type { JournalWriter } from '../journal-file';
import type { Random } from '../random';
import type { Cue, Phase } from './cue';
import type { Session } from './session';

/** Does all the time what a kill must not meet, while the clients work, and says in its journal what it is at. */
export class Maintenance {
  constructor(
    private readonly random: Random,
    private readonly journal: JournalWriter,
    private readonly cue: Cue,
  ) {}

  /** Flushes, reads with a flush, closes the trail and attaches again. */
  async run({ dataSource, trail: first, isLazy }: Session): Promise<void> {
    let trail = first;
    if (isLazy) {
      // Much waits then: for a flush, or for closing the database.
      await this.pause(100, 200);
      if (this.random.chance(0.5)) await this.do('flush', () => trail.flush());
      return;
    }
    for (let rounds = this.random.whole(1, 8); rounds > 0; rounds -= 1) {
      await this.pause(0, 30);
      await this.do('flush', () => trail.flush());
      await this.do('reading', () => trail.recent({ fresh: true, limit: 20 }));
      const stats = await this.do('reading', () => trail.stats({ fresh: true }));
      if (stats && stats.flushFailures > 0 && !stats.auditDatabase)
        this.journal.write({ problem: `${stats.flushFailures} drains failed` });
      if (this.random.chance(0.5)) continue;
      await this.do('closing the trail', () => trail.close({ drainTimeoutMs: this.random.pick([0, 2, 1000]) }));
      trail = (await this.do('attaching again', () => AuditTrail.attach(dataSource)))!;
    }
  }

  /** @returns undefined where an audit database that is away was asked, as it may be */
  async do<T>(phase: Phase, work: () => Promise<T>): Promise<T | undefined> {
    this.journal.write({ begun: phase });
    this.cue.begun(phase);
    const result = await work().catch((error: unknown) => {
      if (error instanceof AuditDatabaseUnavailableError) return undefined;
      throw error;
    });
    this.cue.ended();
    this.journal.write({ ended: phase });
    return result;
  }

  /** Lets the clients work, measured in turns of the event loop and not in time. */
  private async pause(least: number, most: number): Promise<void> {
    for (let turns = this.random.whole(least, most); turns > 0; turns -= 1) await yieldToLoop();
  }
}
