import type { DataSource } from 'typeorm';
import type { Capture, Instrumentation } from '../capture/instrument';
import type { PoolStats } from '../reports';
import { LateReader } from './late-reader';
import { ReaderPool, ReadersUnavailable } from './reader-pool';
import { ReaderThread } from './reader-thread';
import { runQuery } from './run-query';
import { type QueryAnswer, type QueryArgument, type QueryName, TrailQueries } from './trail-queries';

/**
 * Who answers what the trail is asked: a reader, which waits for nobody's transaction and leaves the event loop alone;
 * or the writing connection, in a flow that has a transaction open, whose own changes must be seen, and where there are
 * no readers.
 */
export class TrailReader {
  private readonly queries: TrailQueries;
  private readonly pool: ReaderPool | undefined;

  /** @param capture throws where the DataSource is closed */
  constructor(
    dataSource: DataSource,
    { dialect, options }: Instrumentation,
    private readonly capture: () => Capture,
    onWarning: (message: string) => void,
    /** Names under which what is read is shown; by default those of the DataSource's own entities. */
    names = capture().plan.names,
  ) {
    const { engine, prepared } = capture();
    this.queries = new TrailQueries(dialect, names, true);

    const target = options.readers
      ? dialect.readerTarget(dataSource, engine, prepared.journalMode, options.readTimeoutMs)
      : undefined;
    const onUnavailable = (why: Error): void =>
      onWarning(`no reader can be started, so reads wait for the writing connection: ${why.message}`);
    this.pool =
      target &&
      new ReaderPool(
        (events) =>
          'open' in target
            ? new LateReader(target, names.given, events)
            : new ReaderThread({ target, names: names.given }, events),
        options.poolSize - 1,
        options.readTimeoutMs,
        onUnavailable,
      );
  }

  /**
   * Milliseconds since 1970: what this process recorded before has committed or never will. Asked before a query, since
   * a reader does not wait for the transaction that may be open.
   */
  get settledUpTo(): number {
    return Math.floor(Date.now() - this.capture().connection.lock.heldForMs);
  }

  get figures(): PoolStats {
    const { connection } = this.capture();
    const lock = connection.lock.figures;
    const readers = this.readers?.figures;
    const size = 1 + (this.readers?.size ?? 0);
    const inUse = (connection.lock.isHeld ? 1 : 0) + (readers?.inUse ?? 0);
    return {
      size,
      inUse,
      idle: size - inUse,
      utilisation: Math.round((inUse / size) * 100) / 100,
      waiting: lock.waiting + (readers?.waiting ?? 0),
      timeouts: lock.timeouts + (readers?.timeouts ?? 0),
      longestWaitMs: Math.max(lock.longestWaitMs, readers?.longestWaitMs ?? 0),
      idleInTransaction: connection.idleWatch.isIdle ? 1 : 0,
      idleTransactionsEnded: connection.idleWatch.figures.ended,
      exhaustions: readers?.exhaustions ?? 0,
      replaced: readers?.replaced ?? 0,
      retries: 0,
    };
  }

  /** @throws ReadTimeoutError, ReaderFailedError; LockTimeoutError on the writing connection; AuditSchemaMissingError */
  async ask<Name extends QueryName>(name: Name, argument: QueryArgument<Name>): Promise<QueryAnswer<Name>> {
    const { readers } = this;
    if (!readers || this.capture().connection.frames.current()) return this.askWriter(name, argument);
    try {
      return await readers.ask(name, argument);
    } catch (error) {
      if (!(error instanceof ReadersUnavailable)) throw error;
      return this.askWriter(name, argument);
    }
  }

  /** Alone on the writing connection, or inside the transaction of the flow. */
  askWriter<Name extends QueryName>(
    name: Name,
    argument: QueryArgument<Name>,
    timeoutMs?: number,
  ): Promise<QueryAnswer<Name>> {
    const { connection } = this.capture();
    return connection.exclusive(
      `${name}()`,
      'read',
      (engine) => runQuery(this.queries, engine, name, argument),
      timeoutMs,
    );
  }

  /** Ends the readers; what is asked afterwards goes over the writing connection. Idempotent. */
  async close(): Promise<void> {
    await this.pool?.close();
  }

  private get readers(): ReaderPool | undefined {
    return this.pool?.isUsable ? this.pool : undefined;
  }
}
