import { performance } from 'node:perf_hooks';
import type { TransactionScope } from './transaction-scope';

/** What `stats().pool` says of it. */
export interface IdleFigures {
  /** Transactions rolled back because nothing ran in them. */
  ended: number;
}

/**
 * Finds the transaction that holds the connection and does nothing with it. One timer that is set anew only where a
 * transaction is open when it fires, not one a statement: statements just leave their time.
 */
export class IdleWatch {
  private root: TransactionScope | undefined;
  private timer: NodeJS.Timeout | undefined;
  readonly figures: IdleFigures = { ended: 0 };

  /**
   * @param timeoutMs 0: never
   * @param onIdle ends the transaction
   */
  constructor(
    private readonly timeoutMs: number,
    private readonly onIdle: (root: TransactionScope, idleMs: number) => void,
  ) {}

  /** This transaction has begun, and holds the connection from now on. */
  begun(root: TransactionScope): void {
    this.root = root;
    if (!this.timer && this.timeoutMs > 0) this.check(this.timeoutMs);
  }

  /** A transaction is open, and nothing runs in it now. */
  get isIdle(): boolean {
    return this.root?.state === 'open' && this.root.activity.running === 0;
  }

  private check(afterMs: number): void {
    this.timer = setTimeout(() => {
      this.timer = undefined;
      const { root } = this;
      // The next one to begin sets the timer again.
      if (root?.state !== 'open') this.root = undefined;
      else if (root.activity.running > 0) this.check(this.timeoutMs);
      else {
        const idleMs = performance.now() - root.activity.lastAt;
        if (idleMs < this.timeoutMs) return this.check(Math.ceil(this.timeoutMs - idleMs));
        this.figures.ended += 1;
        this.onIdle(root, Math.round(idleMs));
      }
    }, afterMs);
    this.timer.unref();
  }
}
