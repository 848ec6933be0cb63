import { performance } from 'node:perf_hooks';
import { LockTimeoutError } from '../errors';

/** Who holds or wants a lock; named in errors. */
export interface Holder {
  /** What is being done, e.g. `transaction of actor "analyst"`. */
  readonly label: string;
}

interface Waiter {
  holder: Holder;
  since: number;
  timer: NodeJS.Timeout;
  grant(): void;
}

/** Counters of a lock, for `stats().pool`. Durations in milliseconds. */
export interface LockFigures {
  waiting: number;
  timeouts: number;
  longestWaitMs: number;
}

/** A mutual exclusion, first in first out, whose waits end: after `timeoutMs` with an error that names the holder. */
export class FifoLock {
  private holder: Holder | undefined;
  private heldSince = 0;
  private readonly queue: Waiter[] = [];
  private timeouts = 0;
  private longestWaitMs = 0;
  private taken = 0;

  constructor(private readonly timeoutMs: number) {}

  get isHeld(): boolean {
    return this.holder !== undefined;
  }

  /** How often it was taken. */
  get uses(): number {
    return this.taken;
  }

  /** Milliseconds since it was taken, 0 while it is free. */
  get heldForMs(): number {
    return this.holder ? performance.now() - this.heldSince : 0;
  }

  get figures(): LockFigures {
    return { waiting: this.queue.length, timeouts: this.timeouts, longestWaitMs: Math.round(this.longestWaitMs) };
  }

  /** Takes the lock if it is free and nobody waits; no promise is made, for the common case without contention. */
  tryAcquire(holder: Holder): boolean {
    if (this.holder) return false;
    this.take(holder);
    return true;
  }

  /** @throws LockTimeoutError after the time-out, naming who holds the lock and since when. */
  acquire(holder: Holder, timeoutMs = this.timeoutMs): Promise<void> {
    if (this.tryAcquire(holder)) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const since = performance.now();
      const waiter: Waiter = {
        holder,
        since,
        grant: resolve,
        timer: setTimeout(() => {
          this.queue.splice(this.queue.indexOf(waiter), 1);
          this.timeouts += 1;
          reject(this.timeoutError(holder, timeoutMs));
        }, timeoutMs),
      };
      this.queue.push(waiter);
    });
  }

  release(): void {
    const next = this.queue.shift();
    this.holder = undefined;
    if (!next) return;
    clearTimeout(next.timer);
    this.longestWaitMs = Math.max(this.longestWaitMs, performance.now() - next.since);
    this.take(next.holder);
    next.grant();
  }

  private take(holder: Holder): void {
    this.holder = holder;
    this.taken += 1;
    this.heldSince = performance.now();
  }

  private timeoutError(waiting: Holder, timeoutMs: number): LockTimeoutError {
    const held = Math.round(performance.now() - this.heldSince);
    return new LockTimeoutError(
      `${waiting.label} waited ${timeoutMs} ms for the connection, held for ${held} ms by ${this.holder?.label ?? 'nobody'}.`,
      { value: timeoutMs },
    );
  }
}
