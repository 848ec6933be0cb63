import { performance } from 'node:perf_hooks';
import { setImmediate as yieldToLoop, setTimeout as sleep } from 'node:timers/promises';
import type { Slice } from '../batching/drain-slice';
import type { SerializedConnection } from '../capture/serialized-connection';
import type { Engine } from '../dialect/engine';
import { AuditSchemaMissingError } from '../errors';
import type { EntryWriter, NewEntry } from '../store/entry-writer';
import type { MetaStore } from '../store/meta-store';
import type { CheckTurns } from './check-tools';
import type { Finding } from './compare-row';
import type { FindingChunk } from './findings';

/** What a trail that drains lends to its checks. */
export interface TurnTools {
  connection: SerializedConnection;
  meta: MetaStore;
  writer: EntryWriter;
  /** Drains what is pending now, in transactions of its own. */
  flush(): Promise<unknown>;
  /** One slice of the drain within the caller's transaction. */
  drainSlice(engine: Engine): Slice;
  /** Told of each slice when its transaction is committed. */
  drained(slice: Slice): void;
  /** Runs a look, whose answers may come from elsewhere, at one moment of its database. */
  look<T>(fn: () => T): T | Promise<T>;
}

/** Drain slices of one turn at most; a longer backlog takes several turns. */
const slicesPerTurn = 4;
/** After so much work a pause: other processes find the lock free only in between, since they can't queue for it. */
const workMs = 50;
const pauseMs = 2;

/**
 * Short write transactions in which the outbox is empty, so that log and tables say the same unless somebody went around
 * the capture: what is written then comes after everything that happened before. In between others have their turn.
 */
export class SerialTurns implements CheckTurns {
  private worked = 0;

  constructor(
    private readonly label: string,
    private readonly tools: TurnTools,
  ) {}

  async begin(): Promise<void> {
    this.tools.connection.assertOutside('This');
    await this.tools.flush();
  }

  examine<Chunk extends FindingChunk<unknown>>(
    look: (engine: Engine) => Chunk | undefined,
    entriesOf: ((findings: readonly Finding[]) => NewEntry[]) | undefined,
  ): Promise<Chunk | undefined> {
    return this.take((engine) => {
      const chunk = look(engine);
      if (chunk && entriesOf && chunk.findings.length > 0) this.tools.writer.write(engine, entriesOf(chunk.findings));
      return chunk;
    });
  }

  async take<T>(fn: (engine: Engine) => T): Promise<T> {
    for (;;) {
      const slices: Slice[] = [];
      const turn = await this.tools.connection.exclusive(this.label, 'write', async (engine) => {
        const start = performance.now();
        try {
          for (let slice = 0; slice < slicesPerTurn; slice += 1) {
            const done = this.drain(engine);
            if (done.upTo === null) return { value: await this.tools.look(() => fn(engine)) };
            slices.push(done);
          }
          return undefined;
        } finally {
          this.worked += performance.now() - start;
        }
      });
      slices.forEach((slice) => this.tools.drained(slice));
      await this.letOthersIn();
      if (turn) return turn.value;
    }
  }

  private drain(engine: Engine): Slice {
    if (this.tools.meta.areTablesThere(engine)) return this.tools.drainSlice(engine);
    throw new AuditSchemaMissingError('The audit tables are not there.');
  }

  private async letOthersIn(): Promise<void> {
    if (this.worked < workMs) return yieldToLoop();
    this.worked = 0;
    await sleep(pauseMs);
  }
}
