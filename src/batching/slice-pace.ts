import type { SliceLimits } from './drain-slice';

/** Aimed at, in milliseconds: how long a slice keeps the event loop and the writers from going on. */
const targetMs = { shared: 4, alone: 8 } as const;
/** The connection counts as shared for so long after somebody else has used it. */
const sharedForMs = 250;
/** Fewer would cost more: much of what a slice takes is its commit. */
const leastRows = 100;
const mostRows = 4000;
/** Bytes of values, whatever the time: rows of 10 MB exist, and memory stays flat. */
const mostBytes = 1_000_000;

/** How much the next slice takes: less while the application works, more while the drain is alone, by what rows have cost. */
export class SlicePace {
  private msPerRow = targetMs.shared / 100;
  private sharedAt = -Infinity;

  /** @param now milliseconds of the monotonic clock */
  limits(now: number): SliceLimits {
    const target = now - this.sharedAt < sharedForMs ? targetMs.shared : targetMs.alone;
    const rows = Math.floor(target / this.msPerRow);
    return { rows: Math.min(mostRows, Math.max(leastRows, rows)), bytes: mostBytes };
  }

  /** Somebody else has used the connection. */
  shared(now: number): void {
    this.sharedAt = now;
  }

  /** One slice gives a hint and no more: a checkpoint, or another process, can have been in its way. */
  took(ms: number, rows: number): void {
    if (rows > 0) this.msPerRow += (ms / rows - this.msPerRow) / 4;
  }
}
