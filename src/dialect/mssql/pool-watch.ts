import { performance } from 'node:perf_hooks';
import type { PoolFigures } from '../server-dialect';

/** What the package's pool says of itself. */
export interface Pool {
  size: number;
  borrowed: number;
  pending: number;
  config: { pool?: { min?: number; max?: number } };
  /** The pool below, of the package tarn. */
  pool?: Lender;
}

/** A connection of tedious. */
interface Lent {
  socket?: { setNoDelay(): unknown };
}

interface Lender {
  numUsed(): number;
  numPendingAcquires(): number;
  on(event: 'acquireRequest', listener: (id: number) => void): void;
  on(event: 'acquireSuccess', listener: (id: number, connection: Lent) => void): void;
  on(event: 'acquireFail', listener: (id: number, error: Error) => void): void;
}

const defaultMost = 10;

/** Counts how a pool of connections is used, by what it tells of each that it lends. */
export class PoolWatch {
  private readonly waits = new Map<number, number>();
  private readonly counts = { timeouts: 0, exhaustions: 0, longestWaitMs: 0 };

  /** @param pool connected */
  constructor(private readonly pool: Pool) {
    const lender = pool.pool;
    lender?.on('acquireRequest', (id) => {
      this.waits.set(id, performance.now());
      if (lender.numUsed() + lender.numPendingAcquires() >= this.most) this.counts.exhaustions += 1;
    });
    lender?.on('acquireSuccess', (id) => this.waited(id));
    lender?.on('acquireFail', (id, error) => {
      this.waited(id);
      // Its class has no name of its own, and the pool's package is not to be loaded for it.
      if (error.constructor.name === 'TimeoutError') this.counts.timeouts += 1;
    });
  }

  get limits(): { least: number; most: number } {
    return { least: this.pool.config.pool?.min ?? 0, most: this.most };
  }

  get figures(): PoolFigures {
    return { size: this.most, inUse: this.pool.borrowed, waiting: this.pool.pending, ...this.counts };
  }

  private get most(): number {
    return this.pool.config.pool?.max ?? defaultMost;
  }

  private waited(id: number): void {
    const ms = performance.now() - (this.waits.get(id) ?? performance.now());
    this.waits.delete(id);
    this.counts.longestWaitMs = Math.max(this.counts.longestWaitMs, Math.round(ms));
  }
}
