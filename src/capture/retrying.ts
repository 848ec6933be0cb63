import { setTimeout as sleep } from 'node:timers/promises';

const longestDelayMs = 60_000;

export interface Attempts {
  /** How often `fn` is run at most. */
  attempts: number;
  /** Longest pause before the second attempt, milliseconds; it doubles with each one. */
  delayMs: number;
  /** False for an error that ends it. */
  mayRetry: (error: unknown) => boolean;
  /** Before each attempt but the first, which is 1. */
  onRetry: (error: unknown, attempt: number) => void;
}

/** What the library runs again by itself. */
export const ownAttempts = { attempts: 5, delayMs: 50 } as const;

/** Runs `fn`, and again after a random pause where it fails with an error that passes. Throws the error of the last attempt. */
export async function retrying<T>(
  fn: () => Promise<T>,
  { attempts, delayMs, mayRetry, onRetry }: Attempts,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await fn();
    } catch (error) {
      if (attempt === attempts || !mayRetry(error)) throw error;
      onRetry(error, attempt);
    }
    // Random, so that those who failed together do not meet again.
    await sleep(Math.random() * Math.min(delayMs * 2 ** (attempt - 1), longestDelayMs));
  }
}
