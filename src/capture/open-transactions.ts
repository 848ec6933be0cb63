import { performance } from 'node:perf_hooks';

/** A transaction on a connection of a pool, as long as it is open. */
export class OpenTransaction {
  private readonly since = Date.now();
  private running = 0;
  private lastAt = performance.now();

  /**
   * @param actor of the flow that began it
   * @param rollBack ends it, whose owner is told so by its next statement; called once, while nothing runs in it
   */
  constructor(
    private readonly actor: string | undefined,
    readonly rollBack: (why: string) => void,
  ) {}

  /** Milliseconds for which nothing has run in it; 0 while something does. */
  get idleMs(): number {
    return this.running > 0 ? 0 : performance.now() - this.lastAt;
  }

  get isIdle(): boolean {
    return this.running === 0;
  }

  get label(): string {
    const who = this.actor === undefined ? 'a flow without actor' : `actor "${this.actor}"`;
    return `transaction of ${who} since ${new Date(this.since).toISOString()}`;
  }

  async during<T>(work: () => Promise<T>): Promise<T> {
    const done = this.started();
    try {
      return await work();
    } finally {
      done();
    }
  }

  /** Something runs in it. @returns to be called when that has ended */
  started(): () => void {
    this.running += 1;
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      this.running -= 1;
      this.lastAt = performance.now();
    };
  }
}

/**
 * The transactions that are open, and the end of those in which nothing runs. One timer for all of them, which is not set
 * while there is none.
 */
export class OpenTransactions {
  private readonly open = new Set<OpenTransaction>();
  private timer: NodeJS.Timeout | undefined;
  private idleEnded = 0;

  constructor(
    /** 0: never. */
    private readonly timeoutMs: () => number,
    private readonly onEnded: (message: string) => void,
  ) {}

  /** `idle`: nothing runs in them now; `ended`: rolled back since the start because nothing did. */
  get figures(): { idle: number; ended: number } {
    return { idle: [...this.open].filter(({ isIdle }) => isIdle).length, ended: this.idleEnded };
  }

  begun(transaction: OpenTransaction): void {
    this.open.add(transaction);
    if (!this.timer && this.timeoutMs() > 0) this.checkAfter(this.timeoutMs());
  }

  ended(transaction: OpenTransaction): void {
    this.open.delete(transaction);
  }

  private checkAfter(ms: number): void {
    this.timer = setTimeout(() => {
      this.timer = undefined;
      const timeoutMs = this.timeoutMs();
      for (const transaction of this.open) if (transaction.idleMs >= timeoutMs) this.end(transaction);
      // The next one to begin sets the timer again.
      if (this.open.size === 0) return;
      const longest = Math.max(...[...this.open].map(({ idleMs }) => idleMs));
      this.checkAfter(Math.ceil(timeoutMs - longest));
    }, ms);
    this.timer.unref();
  }

  private end(transaction: OpenTransaction): void {
    this.open.delete(transaction);
    this.idleEnded += 1;
    const message = `${transaction.label} ran no statement for ${Math.round(transaction.idleMs)} ms, and was rolled back`;
    transaction.rollBack(message);
    this.onEnded(message);
  }
}
