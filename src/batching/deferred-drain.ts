import { AsyncResource } from 'node:async_hooks';
import { performance } from 'node:perf_hooks';
import { setImmediate as yieldToLoop, setTimeout as sleep } from 'node:timers/promises';
import { LockTimeoutError, TrailClosedError } from '../errors';
import type { Backlog } from './backlog';
import type { Slice, SliceLimits } from './drain-slice';
import { SlicePace } from './slice-pace';
import { WritersPause } from './writers-pause';

/** What the drain works on: the outbox behind the one connection. */
export interface DrainSource {
  /**
   * Turns the oldest outbox rows into entries, in one transaction.
   * @throws LockTimeoutError where the connection is not free within `timeoutMs`, or the default
   */
  drainSlice(limits: SliceLimits, timeoutMs?: number): Promise<TimedSlice>;
  /** Rows that wait now, and the highest id of them, null when there are none. @throws LockTimeoutError as above */
  pending(timeoutMs?: number): Promise<{ rows: number; newest: number | null }>;
  /** The same of what has committed, without waiting for an open transaction where that can be. */
  committed(): Promise<{ newest: number | null }>;
  /** Changes whenever somebody uses the connection, the drain included. */
  uses(): number;
}

export interface TimedSlice extends Slice {
  /** How long the connection was at work, from the beginning of the transaction to its end. */
  ms: number;
}

/** What happened in the background, where no caller is there to be told. */
export interface DrainReports {
  /** @param slowsWriters writers would have been slowed, and are not while the drain fails */
  failed(error: unknown, slowsWriters: boolean): void;
  /** Records that were set aside, in a transaction that is committed. */
  broken(records: Slice['broken']): void;
  /** Entries that a slice has written. */
  drained(entries: number): void;
}

type State = 'idle' | 'draining' | 'stopped';

interface Waiter {
  newest: number;
  resolve(): void;
  reject(error: unknown): void;
}

/**
 * Empties the outbox in the background.
 *
 *   idle ──timer, enough changes, flush(), a slowed writer──► draining ──outbox empty──► idle
 *                                               │ ▲
 *                                        slice  └─┘        draining ──error──► idle  (the next timer tries again)
 *
 *   any ──stop()──► stopped
 *
 * A slice is one short transaction that takes its turn on the connection behind the application's writers; whether it
 * commits or not, rows and entries together stay exact, so nothing depends on who drains, or on how a drain ends.
 */
export class DeferredDrain {
  private state: State = 'idle';
  private readonly waiters = new Set<Waiter>();
  private timer: NodeJS.Timeout | undefined;
  private changesSeen = 0;
  private run: Promise<void> = Promise.resolve();
  private stopAt = Infinity;
  private readonly pace = new SlicePace();
  private readonly writersPause = new WritersPause();
  private usesSeen = 0;
  private isFailing = false;
  private isLooking = false;
  /** The drain belongs to no flow: not to the one whose commit woke it, nor to its transaction. */
  private readonly origin = new AsyncResource('AuditDrain');
  readonly figures = { flushedTotal: 0, flushFailures: 0, lastFlush: null as Date | null };

  constructor(
    private readonly source: DrainSource,
    private readonly backlog: Backlog,
    private readonly options: { batchSize: number; commitIntervalMs: number },
    private readonly reports: DrainReports,
  ) {}

  start(): void {
    if (this.timer || this.state === 'stopped') return;
    this.timer = setInterval(() => this.wake(), this.options.commitIntervalMs);
    this.timer.unref();
  }

  /** Counts committed changes; enough of them wake the drain before its time. */
  notify(changes: number): void {
    this.changesSeen += changes;
    if (this.backlog.grow(changes)) this.look();
    if (this.timer && this.changesSeen >= this.options.batchSize) this.wake();
  }

  /**
   * For a transaction that is about to write, before it waits for the connection: where too much is pending, resolves
   * after the next slice, or soon without one. Undefined where there is nothing to wait for, also because the drain is
   * off or fails: then writers are not held up for its sake.
   */
  beforeWriting(): Promise<void> | undefined {
    if (!this.backlog.slowsWriters || !this.timer || this.isFailing) return undefined;
    this.wake();
    return this.writersPause.wait();
  }

  /**
   * Resolves when everything that was pending at the call is in the log. Calls at the same time share one run.
   * @returns entries that this process wrote meanwhile
   */
  async flush(): Promise<number> {
    const before = this.figures.flushedTotal;
    const { newest } = await this.source.committed();
    if (newest === null) return 0;
    await new Promise<void>((resolve, reject) => {
      this.waiters.add({ newest, resolve, reject });
      this.wake();
    });
    return this.figures.flushedTotal - before;
  }

  /** Drains for at most `timeoutMs`, then stops for good; true when the outbox is empty. */
  stop(timeoutMs: number): Promise<boolean> {
    return this.origin.runInAsyncScope(() => this.finish(timeoutMs));
  }

  /** Takes note of a slice whose transaction is committed, whoever ran it. */
  drained(slice: Slice): void {
    this.figures.flushedTotal += slice.entries;
    this.isFailing = false;
    this.backlog.found(slice.left);
    this.writersPause.end();
    if (slice.broken.length > 0) this.reports.broken(slice.broken);
    if (slice.entries > 0) this.reports.drained(slice.entries);
  }

  private async finish(timeoutMs: number): Promise<boolean> {
    if (this.state === 'stopped') return true;
    clearInterval(this.timer);
    this.timer = undefined;
    this.stopAt = performance.now() + timeoutMs;
    try {
      return (await this.endOfRun()) && (await this.drainUntilStop());
    } finally {
      this.enter('stopped');
      this.writersPause.end();
      for (const waiter of this.waiters) waiter.reject(new TrailClosedError('The trail was closed during flush().'));
      this.waiters.clear();
    }
  }

  /** Waits for the run that is under way; false where its slice is still waiting for the connection at the deadline. */
  private async endOfRun(): Promise<boolean> {
    const deadline = new AbortController();
    const ended = this.run.then(() => true);
    const tooLate = sleep(Math.max(0, this.stopAt - performance.now()), false, { signal: deadline.signal });
    // It rejects when it is called off, after the race.
    tooLate.catch(() => undefined);
    try {
      return await Promise.race([ended, tooLate]);
    } finally {
      deadline.abort();
    }
  }

  private async drainUntilStop(): Promise<boolean> {
    try {
      for (let left = this.timeLeft(); left > 0; left = this.timeLeft()) {
        if ((await this.slice(left)).upTo === null) return true;
      }
      return (await this.source.pending(1)).newest === null;
    } catch (error) {
      // Somebody holds the connection, or the file: whether anything waits in the outbox can't be told in time.
      if (error instanceof LockTimeoutError) return false;
      throw error;
    }
  }

  private timeLeft(): number {
    return Math.ceil(this.stopAt - performance.now());
  }

  private wake(): void {
    if (this.state !== 'idle') return;
    this.enter('draining');
    this.changesSeen = 0;
    this.run = this.origin.runInAsyncScope(() => this.drain());
  }

  private async drain(): Promise<void> {
    try {
      for (let isEmpty = false; !isEmpty && performance.now() < this.stopAt;) {
        const { upTo, left } = await this.slice();
        isEmpty = left === 0;
        this.settle((waiter) => isEmpty || waiter.newest <= upTo!);
        // Requests and timers come first; a writer that waits for the connection has its turn before the next slice.
        if (!isEmpty) await yieldToLoop();
      }
      this.figures.lastFlush = new Date();
    } catch (error) {
      this.figures.flushFailures += 1;
      this.isFailing = true;
      this.writersPause.end();
      for (const waiter of this.waiters) waiter.reject(error);
      this.waiters.clear();
      this.reports.failed(error, this.backlog.slowsWriters);
    } finally {
      this.enter('idle');
      // Whoever asked while the last slice ran may have asked about rows that came after it.
      const isAsked = this.waiters.size > 0 || (this.timer && this.changesSeen >= this.options.batchSize);
      if (isAsked && performance.now() < this.stopAt) this.wake();
    }
  }

  /** The one place where the state changes; a drain that was stopped stays so. */
  private enter(state: State): void {
    if (this.state !== 'stopped') this.state = state;
  }

  private async slice(timeoutMs?: number): Promise<Slice> {
    const now = performance.now();
    if (this.source.uses() !== this.usesSeen) this.pace.shared(now);
    const slice = await this.source.drainSlice(this.pace.limits(now), timeoutMs);
    this.usesSeen = this.source.uses();
    this.pace.took(slice.ms, slice.rows);
    this.drained(slice);
    return slice;
  }

  /** Looks how much waits, where no slice is there to tell. */
  private look(): void {
    if (this.isLooking || this.state === 'draining') return;
    this.isLooking = true;
    void this.origin.runInAsyncScope(async () => {
      try {
        this.backlog.found((await this.source.pending()).rows);
      } catch {
        // The connection is taken, or closed: the next change asks again.
      } finally {
        this.isLooking = false;
      }
    });
  }

  private settle(isDone: (waiter: Waiter) => boolean): void {
    for (const waiter of this.waiters) {
      if (!isDone(waiter)) continue;
      this.waiters.delete(waiter);
      waiter.resolve();
    }
  }
}
