import { performance } from 'node:perf_hooks';
import { DataSource } from 'typeorm';
import { dataSourceOptionsOf } from '../dialect/data-source-options';
import { redactUrl } from '../dialect/url';
import {
  AuditDatabaseUnavailableError,
  AuditError,
  AuditSchemaMissingError,
  InvalidOptionError,
  ReaderFailedError,
  ReadTimeoutError,
  TrailClosedError,
} from '../errors';
import type { PortableEntry } from '../model/portable-entry';
import type { QueryAnswer, QueryArgument, QueryName } from '../readers/trail-queries';
import { underCapture } from '../under-capture';
import { fileLog } from './file-log';
import type { LogOptions, OpenLog } from './open-log';
import { serverLog } from './server-log';

/** Of a server. None is kept for long: applications come in numbers, and each delivers now and then. */
const connections = { minConnections: 0, maxConnections: 5 };
/** Who asks so soon after a failure has the same answer, without another attempt. */
const failureHoldsMs = 1_000;

/** The audit database: opened when it is needed, and again after it could not be reached. */
export class AuditDatabase {
  private opening: Promise<OpenLog> | undefined;
  private failure: { error: AuditError; at: number } | undefined;
  /** What is being closed. */
  private leaving: Promise<unknown> = Promise.resolve();
  private isClosed = false;
  private lastType: string | null = null;

  /**
   * @param ownLog log of the application's database
   * @throws InvalidDatabaseUrlError
   */
  constructor(
    private readonly log: LogOptions,
    private readonly ownLog: () => Promise<string>,
  ) {
    dataSourceOptionsOf(log.url);
  }

  /** For people: never a password. */
  get name(): string {
    return redactUrl(this.log.url);
  }

  /** As its stats have it; null before it was first reached. */
  get databaseType(): string | null {
    return this.lastType;
  }

  /** Null before it was first asked for anything. */
  get isReachable(): boolean | null {
    return this.failure ? false : this.lastType === null ? null : true;
  }

  /** @throws AuditDatabaseUnavailableError, LogConflictError */
  async deliver(entries: readonly PortableEntry[]): Promise<void> {
    try {
      await this.use((log) => log.deliver(entries));
    } catch (error) {
      // A connection that fails may go on failing when the database is there again.
      if (error instanceof AuditDatabaseUnavailableError) this.drop();
      throw error;
    }
  }

  /** @throws AuditDatabaseUnavailableError, and what the query says against its argument */
  async ask<Name extends QueryName>(name: Name, argument: QueryArgument<Name>): Promise<QueryAnswer<Name>> {
    const { failure } = this;
    if (failure && performance.now() - failure.at < failureHoldsMs) throw failure.error;
    return this.use((log) => log.ask(name, argument));
  }

  async close(): Promise<void> {
    this.isClosed = true;
    this.drop();
    await this.leaving;
  }

  private async use<T>(fn: (log: OpenLog) => Promise<T>): Promise<T> {
    if (this.isClosed) throw new TrailClosedError('The trail is closed.');
    try {
      const result = await fn(await this.open());
      this.failure = undefined;
      return result;
    } catch (error) {
      if (isAnswer(error)) {
        this.failure = undefined;
        throw error;
      }
      this.failure = { error: unavailable(error), at: performance.now() };
      throw this.failure.error;
    }
  }

  private drop(): void {
    // It is dropped because it does not answer: what it says to that matters to nobody.
    const closed = this.opening?.then((log) => log.close()).catch(() => undefined);
    this.opening = undefined;
    this.leaving = Promise.all([this.leaving, closed]);
  }

  private open(): Promise<OpenLog> {
    this.opening ??= this.connect().catch((error: unknown) => {
      this.opening = undefined;
      throw error;
    });
    return this.opening;
  }

  private async connect(): Promise<OpenLog> {
    const { options, warn } = this.log;
    const dataSource = new DataSource(dataSourceOptionsOf(this.log.url, connections));
    const instrumented = underCapture(dataSource, { ...options, drain: false, onWarning: warn });
    try {
      await dataSource.initialize();
      const log =
        'server' in instrumented
          ? await serverLog(dataSource, instrumented.server, this.log)
          : await fileLog(dataSource, instrumented.connection, this.log);
      if (log.logId === (await this.ownLog())) {
        await log.close();
        throw new InvalidOptionError('auditDatabase is the database of the application itself, or a copy of it.');
      }
      this.lastType = log.databaseType;
      return log;
    } catch (error) {
      // Why it could not be opened is what counts.
      if (dataSource.isInitialized) await dataSource.destroy().catch(() => undefined);
      throw error;
    }
  }
}

const answers = [InvalidOptionError, AuditSchemaMissingError, ReadTimeoutError, ReaderFailedError];

/** It was reached, and this is what it says, or its reader. */
function isAnswer(error: unknown): boolean {
  if (!(error instanceof AuditError)) return false;
  return error.statusCode < 500 || answers.some((kind) => error instanceof kind);
}

function unavailable(cause: unknown): AuditDatabaseUnavailableError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new AuditDatabaseUnavailableError(`The audit database can't be reached, or takes nothing now: ${why}`, {
    cause,
  });
}
