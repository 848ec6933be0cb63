import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Engine } from '../dialect/engine';
import { LockTimeoutError } from '../errors';
import type { Holder } from './fifo-lock';

/**
 * Runs `fn`, again and again with jitter while another process holds the database's lock, without blocking the event
 * loop for longer than the busy time-out of a few milliseconds. `fn` must have done nothing when it finds the lock held.
 * @returns at once what `fn` returns, where it finds the lock free the first time
 * @throws LockTimeoutError after `timeoutMs`
 */
export function untilFree<T>(engine: Engine, timeoutMs: number, holder: Holder, fn: () => T): T | Promise<T> {
  try {
    return fn();
  } catch (error) {
    if (!engine.isBusy(error)) throw error;
    return tryAgain(engine, timeoutMs, holder, fn, error);
  }
}

async function tryAgain<T>(
  engine: Engine,
  timeoutMs: number,
  holder: Holder,
  fn: () => T,
  firstError: unknown,
): Promise<T> {
  const start = performance.now();
  let busy = firstError;
  for (let pause = 1; ; pause = Math.min(pause * 2, 50)) {
    const waited = performance.now() - start;
    if (waited >= timeoutMs) {
      throw new LockTimeoutError(
        `${holder.label} waited ${Math.round(waited)} ms for the database file, which another process has locked.`,
        { value: timeoutMs, cause: busy },
      );
    }
    await sleep(pause * (0.5 + Math.random()));
    try {
      return fn();
    } catch (error) {
      if (!engine.isBusy(error)) throw error;
      busy = error;
    }
  }
}
