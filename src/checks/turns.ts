import { performance } from 'node:perf_hooks';
import { setImmediate as yieldToLoop, setTimeout as sleep } from 'node:timers/promises';
import type { Slice } from '../batching/drain-slice';
import type { SerializedConnection } from '../capture/serialized-connection';
import type { Engine } from '../dialect/engine';

/** Drain slices of one turn at most; a longer backlog takes several turns. */
const slicesPerTurn = 4;
/** After so much work a pause: other processes find the lock free only in between, since they can't queue for it. */
const workMs = 50;
const pauseMs = 2;

/**
 * Short write transactions in which the outbox is empty, so that log and tables say the same unless somebody went around
 * the capture: what is written then comes after everything that happened before. In between others have their turn.
 */
export class Turns {
  private worked = 0;

  constructor(
    private readonly label: string,
    private readonly connection: SerializedConnection,
    private readonly drainSlice: (engine: Engine) => Slice,
    private readonly drained: (slice: Slice) => void,
  ) {}

  async take<T>(fn: (engine: Engine) => T): Promise<T> {
    for (;;) {
      const slices: Slice[] = [];
      const turn = await this.connection.exclusive(this.label, 'write', (engine) => {
        const start = performance.now();
        try {
          for (let slice = 0; slice < slicesPerTurn; slice += 1) {
            const done = this.drainSlice(engine);
            if (done.upTo === null) return { value: fn(engine) };
            slices.push(done);
          }
          return undefined;
        } finally {
          this.worked += performance.now() - start;
        }
      });
      slices.forEach((slice) => this.drained(slice));
      await this.letOthersIn();
      if (turn) return turn.value;
    }
  }

  private async letOthersIn(): Promise<void> {
    if (this.worked < workMs) return yieldToLoop();
    this.worked = 0;
    await sleep(pauseMs);
  }
}
