import { AsyncResource } from 'node:async_hooks';
import { performance } from 'node:perf_hooks';
import { setImmediate as yieldToLoop, setTimeout as sleep } from 'node:timers/promises';
import { TrailClosedError } from '../errors';
import type { PortableEntry } from '../model/portable-entry';
import type { BlockLimits } from '../store/portable-rows';
import type { Backlog } from './backlog';
import { WritersPause } from './writers-pause';

/** The application's database, whose log is what waits. */
export interface ShippingSource {
  /** The oldest entries that wait, in their order; what has not committed is passed by. `isEnd`: nothing waits. */
  next(limits: BlockLimits): Promise<{ entries: PortableEntry[]; isEnd: boolean }>;
  /** Entries that wait now, and the highest id of them, null when there are none. */
  waiting(): Promise<{ rows: number; newest: number | null }>;
  /** Takes away what the other database has. */
  remove(ids: readonly number[]): Promise<void>;
}

/** The audit database. */
export interface ShippingTarget {
  /** All of them, in one transaction; those that are there already are passed over. @throws LogConflictError */
  deliver(entries: readonly PortableEntry[]): Promise<void>;
}

/** What happened in the background. */
export interface ShippingReports {
  failed(error: unknown): void;
  /** Delivers again after it had failed. */
  recovered(): void;
}

/** One delivery: a round of messages and a commit on either side, so not too small; memory stays flat. */
const block: BlockLimits = { entries: 250, bytes: 1_000_000 };
/** After a failure it is tried again after so long, doubled each time, with some jitter. */
const pauses = { shortestMs: 500, longestMs: 60_000 } as const;

type State = 'idle' | 'shipping' | 'pausing' | 'stopped';

interface Waiter {
  newest: number;
  resolve(): void;
  reject(error: unknown): void;
}

/**
 * Delivers the log of the application's database to the audit database, oldest entries first.
 *
 *   idle ──timer, entries came, flush()──► shipping ──nothing waits──► idle
 *                                   block └┘   └──error──► pausing ──time is over, flush()──► shipping
 *
 *   any ──stop()──► stopped
 *
 * A block is one transaction of the audit database, after whose commit the entries are removed here. A crash between the
 * two delivers it again, and the audit database passes over what it has: by its identity, which an entry gets here and
 * keeps. So nothing depends on who delivers, several at a time included, or on how a delivery ends. Of a row no entry
 * overtakes another: those before it have committed before it, and wait in front of it or are delivered.
 */
export class Shipper {
  private state: State = 'idle';
  private readonly waiters = new Set<Waiter>();
  private timer: NodeJS.Timeout | undefined;
  private pause: NodeJS.Timeout | undefined;
  private failuresInARow = 0;
  private isAskedAgain = false;
  private run: Promise<void> = Promise.resolve();
  private stopAt = Infinity;
  private readonly writersPause = new WritersPause();
  /** It belongs to no flow: not to the one whose commit woke it, nor to its transaction. */
  private readonly origin = new AsyncResource('AuditShipper');
  readonly figures = {
    shippedTotal: 0,
    failures: 0,
    lastShipped: null as Date | null,
    lastError: null as string | null,
  };

  constructor(
    private readonly source: ShippingSource,
    private readonly target: ShippingTarget,
    private readonly backlog: Backlog,
    private readonly intervalMs: number,
    private readonly reports: ShippingReports,
  ) {}

  start(): void {
    if (this.timer || this.state === 'stopped') return;
    this.timer = setInterval(() => this.wake(), this.intervalMs);
    this.timer.unref();
    this.wake();
  }

  /** Entries have come. */
  notify(): void {
    if (this.timer) this.wake();
  }

  /** For a transaction that is about to write: as `DeferredDrain.beforeWriting`. */
  beforeWriting(): Promise<void> | undefined {
    if (!this.backlog.slowsWriters || !this.timer || this.failuresInARow > 0) return undefined;
    this.wake();
    return this.writersPause.wait();
  }

  /**
   * Resolves when everything that waited at the call is delivered; fails with the first failure. Calls at the same time
   * share one run.
   * @returns entries that this process delivered meanwhile
   */
  async flush(): Promise<number> {
    const before = this.figures.shippedTotal;
    const { newest } = await this.source.waiting();
    if (newest === null) return 0;
    await new Promise<void>((resolve, reject) => {
      this.waiters.add({ newest, resolve, reject });
      if (this.state === 'stopped') this.rejectAll(new TrailClosedError('The trail is closed.'));
      this.begin();
    });
    return this.figures.shippedTotal - before;
  }

  /** Delivers for at most `timeoutMs`, then stops for good; not at all while deliveries fail. */
  async stop(timeoutMs: number): Promise<void> {
    if (this.state === 'stopped') return;
    clearInterval(this.timer);
    this.timer = undefined;
    this.stopAt = performance.now() + timeoutMs;
    if (timeoutMs > 0 && this.failuresInARow === 0) {
      this.begin();
      const tooLate = new AbortController();
      // It rejects when it is called off, after the race.
      const deadline = sleep(timeoutMs, undefined, { signal: tooLate.signal }).catch(() => undefined);
      await Promise.race([this.run, deadline]);
      tooLate.abort();
    }
    this.enter('stopped');
    clearTimeout(this.pause);
    this.writersPause.end();
    this.rejectAll(new TrailClosedError('The trail was closed during flush().'));
  }

  /** In the background, where a pause is kept. */
  private wake(): void {
    if (this.state === 'pausing') return;
    this.begin();
  }

  private begin(): void {
    this.isAskedAgain = true;
    if (this.state !== 'idle' && this.state !== 'pausing') return;
    clearTimeout(this.pause);
    this.enter('shipping');
    this.run = this.origin.runInAsyncScope(() => this.ship());
  }

  private async ship(): Promise<void> {
    let error: unknown;
    try {
      while (this.isAskedAgain && this.isInTime) await this.shipAll();
      this.succeeded();
    } catch (thrown) {
      error = thrown ?? new Error('unknown');
    }
    await this.lookAtBacklog();
    if (error !== undefined) return this.failed(error);
    this.enter('idle');
    // Whoever asked since has found it at work.
    if (this.isAskedAgain && this.isInTime) this.begin();
  }

  /** Until nothing waits. */
  private async shipAll(): Promise<void> {
    this.isAskedAgain = false;
    while (this.isInTime) {
      // Who asks later may ask for what has committed since.
      const asked = [...this.waiters];
      const { entries, isEnd } = await this.source.next(block);
      if (isEnd) return this.settle(asked, Infinity);
      if (entries.length === 0) continue;
      await this.target.deliver(entries);
      await this.source.remove(entries.map(({ id }) => id));
      this.figures.shippedTotal += entries.length;
      this.figures.lastShipped = new Date();
      this.succeeded();
      this.settle(asked, entries.at(-1)!.id);
      this.writersPause.end();
      await yieldToLoop();
    }
  }

  private get isInTime(): boolean {
    return performance.now() < this.stopAt && this.state !== 'stopped';
  }

  private settle(asked: readonly Waiter[], upTo: number): void {
    for (const waiter of asked) {
      if (waiter.newest > upTo || !this.waiters.delete(waiter)) continue;
      waiter.resolve();
    }
  }

  private succeeded(): void {
    if (this.failuresInARow > 0) this.reports.recovered();
    this.failuresInARow = 0;
    this.figures.lastError = null;
  }

  private failed(error: unknown): void {
    // Closing has cut off what was under way; it is delivered the next time.
    if (this.state === 'stopped') return;
    this.figures.failures += 1;
    this.figures.lastError = error instanceof Error ? error.message : String(error);
    this.failuresInARow += 1;
    if (this.failuresInARow === 1) this.reports.failed(error);
    this.writersPause.end();
    this.rejectAll(error);
    this.enter('pausing');
    if (!this.timer) return;
    const longest = Math.min(pauses.longestMs, pauses.shortestMs * 2 ** (this.failuresInARow - 1));
    this.pause = setTimeout(() => this.begin(), longest * (0.5 + Math.random() / 2));
    this.pause.unref();
  }

  private rejectAll(error: unknown): void {
    for (const waiter of this.waiters) waiter.reject(error);
    this.waiters.clear();
  }

  private async lookAtBacklog(): Promise<void> {
    try {
      this.backlog.found((await this.source.waiting()).rows);
    } catch {
      // The application's own database can't be asked; the next run looks again.
    }
  }

  /** The one place where the state changes; what was stopped stays so. */
  private enter(state: State): void {
    if (this.state !== 'stopped') this.state = state;
  }
}
