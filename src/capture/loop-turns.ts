import { performance } from 'node:perf_hooks';
import { setImmediate as nextTurn } from 'node:timers/promises';

const turnEveryMs = 10;

/**
 * Work that waits for nothing but the connection would keep the event loop from turning: no timer, no request, no drain
 * and no signal would be served. So now and then whoever wants the connection lets the loop turn first.
 */
export class LoopTurns {
  private last = 0;
  private turn: Promise<void> | undefined;

  letOthersIn(): Promise<void> | undefined {
    if (performance.now() - this.last < turnEveryMs) return undefined;
    // One turn for all who ask meanwhile, so that they go on in their order.
    this.turn ??= nextTurn().then(() => {
      this.last = performance.now();
      this.turn = undefined;
    });
    return this.turn;
  }
}
