import { AsyncResource } from 'node:async_hooks';
import { performance } from 'node:perf_hooks';
import { setImmediate as yieldToLoop, setTimeout as sleep } from 'node:timers/promises';
import { LockTimeoutError, TrailClosedError } from '../errors';

/** What one slice did. */
export interface Slice {
  /** Entries written. */
  entries: number;
  /** Highest outbox id that is done; null when the outbox was empty. */
  upTo: number | null;
}

/** What the drain works on: the outbox behind the one connection. */
export interface DrainSource {
  /**
   * Turns the oldest outbox rows into entries, in one transaction.
   * @throws LockTimeoutError where the connection is not free within `timeoutMs`, or the default
   */
  drainSlice(timeoutMs?: number): Promise<Slice>;
  /** Highest outbox id now, null when it is empty. @throws LockTimeoutError as above */
  newestPending(timeoutMs?: number): Promise<number | null>;
}

interface Waiter {
  newest: number;
  resolve(): void;
  reject(error: unknown): void;
}

/**
 * Empties the outbox in the background.
 *
 *   idle ──timer, enough changes, flush()──► draining ──outbox empty──► idle
 *                                               │ ▲
 *                                        slice  └─┘        draining ──error──► idle  (the next timer tries again)
 *
 *   any ──stop()──► stopped
 *
 * A slice is one short transaction that takes its turn on the connection behind the application's writers; whether it
 * commits or not, rows and entries together stay exact, so nothing depends on who drains, or on how a drain ends.
 */
export class DeferredDrain {
  private state: 'idle' | 'draining' | 'stopped' = 'idle';
  private readonly waiters = new Set<Waiter>();
  private timer: NodeJS.Timeout | undefined;
  private changesSeen = 0;
  private run: Promise<void> = Promise.resolve();
  private stopAt = Infinity;
  /** The drain belongs to no flow: not to the one whose commit woke it, nor to its transaction. */
  private readonly origin = new AsyncResource('AuditDrain');
  readonly figures = { flushedTotal: 0, flushFailures: 0, lastFlush: null as Date | null };

  constructor(
    private readonly source: DrainSource,
    private readonly options: { batchSize: number; commitIntervalMs: number },
    private readonly onError: (error: unknown) => void,
  ) {}

  start(): void {
    if (this.timer || this.state === 'stopped') return;
    this.timer = setInterval(() => this.wake(), this.options.commitIntervalMs);
    this.timer.unref();
  }

  /** Counts committed changes; enough of them wake the drain before its time. */
  notify(changes: number): void {
    this.changesSeen += changes;
    if (this.timer && this.changesSeen >= this.options.batchSize) this.wake();
  }

  /**
   * Resolves when everything that was pending at the call is in the log. Calls at the same time share one run.
   * @returns entries that this process wrote meanwhile
   */
  async flush(): Promise<number> {
    const before = this.figures.flushedTotal;
    const newest = await this.source.newestPending();
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

  private async finish(timeoutMs: number): Promise<boolean> {
    if (this.state === 'stopped') return true;
    clearInterval(this.timer);
    this.timer = undefined;
    this.stopAt = performance.now() + timeoutMs;
    try {
      return (await this.endOfRun()) && (await this.drainUntilStop());
    } finally {
      this.state = 'stopped';
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
      return (await this.source.newestPending(1)) === null;
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
    this.state = 'draining';
    this.changesSeen = 0;
    this.run = this.origin.runInAsyncScope(() => this.drain());
  }

  private async drain(): Promise<void> {
    try {
      for (let isEmpty = false; !isEmpty && performance.now() < this.stopAt;) {
        const { upTo } = await this.slice();
        isEmpty = upTo === null;
        this.settle((waiter) => isEmpty || waiter.newest <= upTo!);
        // Requests and timers come first; a writer that waits for the connection has its turn before the next slice.
        await yieldToLoop();
      }
      this.figures.lastFlush = new Date();
    } catch (error) {
      this.figures.flushFailures += 1;
      for (const waiter of this.waiters) waiter.reject(error);
      this.waiters.clear();
      this.onError(error);
    } finally {
      this.state = 'idle';
      // Whoever asked while the last slice found nothing may have asked about rows that came after it.
      if (this.waiters.size > 0 && performance.now() < this.stopAt) this.wake();
    }
  }

  private async slice(timeoutMs?: number): Promise<Slice> {
    const slice = await this.source.drainSlice(timeoutMs);
    this.figures.flushedTotal += slice.entries;
    return slice;
  }

  private settle(isDone: (waiter: Waiter) => boolean): void {
    for (const waiter of this.waiters) {
      if (!isDone(waiter)) continue;
      this.waiters.delete(waiter);
      waiter.resolve();
    }
  }
}
