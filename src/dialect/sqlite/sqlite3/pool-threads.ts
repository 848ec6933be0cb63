/**
 * The package runs every statement in a thread of libuv's pool, of which a process has few. While the writing connection is
 * at a statement, the event loop sleeps, and can't end one that reads; so those that read leave a thread for it.
 */
export class PoolThreads {
  private free: number;
  private readonly waiting: (() => void)[] = [];

  /** @param count threads that may be in use at a time */
  constructor(readonly count: number) {
    this.free = count;
  }

  /** Resolves when there is a thread; `release` gives it back. @throws the signal's reason */
  take(signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.reject(signal.reason as Error);
    if (this.free > 0) {
      this.free -= 1;
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => {
      const given = (): void => {
        signal?.removeEventListener('abort', aborted);
        resolve();
      };
      const aborted = (): void => {
        this.waiting.splice(this.waiting.indexOf(given), 1);
        reject(signal!.reason as Error);
      };
      signal?.addEventListener('abort', aborted, { once: true });
      this.waiting.push(given);
    });
  }

  release(): void {
    const next = this.waiting.shift();
    if (next) next();
    else this.free += 1;
  }
}

/** Threads that libuv makes, by its own rules. */
export function poolSizeOf(setting: string | undefined): number {
  if (setting === undefined) return 4;
  const size = Number.parseInt(setting, 10) || 1;
  return Math.min(Math.max(size, 1), 1024);
}

/** Those of this process for statements that read. */
export const readingThreads = new PoolThreads(poolSizeOf(process.env['UV_THREADPOOL_SIZE']) - 1);
