import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Engine } from '../dialect/engine';
import type { ServerCheckSql, TypedTable } from '../dialect/server-check-sql';
import type { ServerConnection } from '../dialect/server-dialect';
import type { AuditError } from '../errors';
import type { StoredValue } from '../model/stored-value';
import type { NewEntry } from '../store/entry-writer';
import { writeOwnEntries } from '../store/server-entries';
import type { CheckTurns } from './check-tools';
import type { Finding } from './compare-row';
import type { FindingChunk } from './findings';

/** What a trail on a server lends to its checks. */
export interface ServerTurnTools {
  checkSql: ServerCheckSql;
  /** Any connection, for what only reads; it does not wait long for a lock. */
  pool: ServerConnection;
  /** A transaction of the library's own, on a connection that gives way to others. */
  apart<T>(work: (connection: ServerConnection) => Promise<T>): Promise<T>;
  /** The error that says whether another attempt helps. */
  typed(error: unknown): AuditError | undefined;
  lockTimeoutMs: number;
  /** Runs a look over a connection, whose answers may come from elsewhere as well. */
  look<T>(fn: (engine: Engine) => T, connection: ServerConnection): Promise<T>;
}

/**
 * Tables and trail while others write. They are read one after the other, so that a change in between looks like a
 * difference. A difference counts where the trail said the same of the row before and after the row was read: then
 * nothing was recorded in between. Only what is recorded of it needs locks, of the rows that differ.
 */
export class ServerTurns implements CheckTurns {
  constructor(private readonly tools: ServerTurnTools) {}

  async begin(): Promise<void> {
    // Nothing waits to become an entry.
  }

  take<T>(fn: (engine: Engine) => T): Promise<T> {
    return this.again(() => this.tools.look(fn, this.tools.pool));
  }

  async examine<Chunk extends FindingChunk<unknown>>(
    look: (engine: Engine) => Chunk | undefined,
    entriesOf: ((findings: readonly Finding[]) => NewEntry[]) | undefined,
  ): Promise<Chunk | undefined> {
    const { pool, checkSql } = this.tools;
    const lookOver = (connection: ServerConnection) => () => this.tools.look(look, connection);
    const first = await this.take(look);
    if (!first || first.findings.length === 0) return first;
    if (!entriesOf) return this.again(() => confirmed(lookOver(pool), first, () => Promise.resolve()));
    return this.transaction(async (connection) => {
      const chunk = await confirmed(lookOver(connection), first, async ({ keyed, findings }) => {
        const keys = findings.flatMap(({ key }): StoredValue[][] => (key ? [key] : []));
        const table = keyed as TypedTable;
        const most = checkSql.mostKeys(table);
        for (let start = 0; start < keys.length; start += most) {
          const { sql, parameters } = checkSql.lockKeys(table, keys.slice(start, start + most));
          await connection.query(sql, parameters);
        }
      });
      if (chunk && chunk.findings.length > 0) await writeOwnEntries(connection, checkSql, entriesOf(chunk.findings));
      return chunk;
    });
  }

  transaction<T>(work: (connection: ServerConnection) => Promise<T>): Promise<T> {
    return this.again(() => this.tools.apart(work));
  }

  /** Where others went first: whoever works waits for no check. */
  private async again<T>(attempt: () => Promise<T>): Promise<T> {
    const start = performance.now();
    for (;;) {
      try {
        return await attempt();
      } catch (error) {
        const typed = this.tools.typed(error);
        if (!typed?.retryable || performance.now() - start > this.tools.lockTimeoutMs) throw typed ?? error;
        await sleep(50 + Math.random() * 150);
      }
    }
  }
}

/** Looks until all that is found was found the time before, by the same entry of the trail. */
async function confirmed<Chunk extends FindingChunk<unknown>>(
  look: () => Promise<Chunk | undefined>,
  first: Chunk,
  lock: (chunk: Chunk) => Promise<void>,
): Promise<Chunk | undefined> {
  for (let before = first; ;) {
    await lock(before);
    const now = await look();
    if (!now) return undefined;
    const known = new Set(before.findings.map(mark));
    if (now.findings.every((finding) => known.has(mark(finding)))) return now;
    before = now;
  }
}

function mark({ kind, entity, entityId, entry }: Finding): string {
  return JSON.stringify([kind, entity, entityId, entry]);
}
