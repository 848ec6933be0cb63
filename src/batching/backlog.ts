import type { BacklogPolicy } from '../options';

/** Looked at again when so much of the limit was written since. */
const shareOfLimit = 0.1;

/** Watches how many rows wait in the outbox, and says when they become too many and when that is over. */
export class Backlog {
  private over = false;
  /** Nobody knows yet what an earlier process has left. */
  private changesSinceLook = Infinity;

  constructor(
    private readonly options: { backlogLimit: number; backlogPolicy: BacklogPolicy; drain: boolean },
    private readonly warn: (message: string) => void,
    /** What there are too many of. */
    private readonly what = 'rows wait in the outbox',
  ) {}

  /** Writers have to wait for the drain. */
  get slowsWriters(): boolean {
    return this.over && this.options.backlogPolicy === 'slow-writers';
  }

  /** Counts changes that were committed; true when it is time to look into the outbox. */
  grow(changes: number): boolean {
    this.changesSinceLook += changes;
    return this.changesSinceLook >= this.options.backlogLimit * shareOfLimit;
  }

  /** @param rows what waits in the outbox now */
  found(rows: number): void {
    const { backlogLimit, backlogPolicy, drain } = this.options;
    this.changesSinceLook = 0;
    if (!this.over && rows > backlogLimit) {
      this.over = true;
      const consequence = backlogPolicy === 'slow-writers' ? 'writers are slowed until it is smaller' : 'it grows on';
      const isOff = 'the drain is off, so that only flush() and close() make it smaller, and no writer is slowed';
      this.warn(`${rows} ${this.what}, more than backlogLimit (${backlogLimit}); ${drain ? consequence : isOff}`);
    } else if (this.over && rows <= backlogLimit) {
      this.over = false;
      this.warn(`the backlog is over: ${rows} ${this.what}, no more than backlogLimit (${backlogLimit})`);
    }
  }
}
