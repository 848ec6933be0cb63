import { performance } from 'node:perf_hooks';
import {
  QueryFailedError,
  QueryRunnerAlreadyReleasedError,
  TransactionNotStartedError,
  type QueryRunner,
} from 'typeorm';
import type { IsolationLevel } from 'typeorm/driver/types/IsolationLevel.js';
import { QueryResult } from 'typeorm/query-runner/QueryResult.js';
import { BroadcasterResult } from 'typeorm/subscriber/BroadcasterResult.js';
import type { StatementResult } from '../dialect/engine';
import { AuditError, LogProtectedError, TransactionLeftOpenError } from '../errors';
import { dataSourceOf } from '../typeorm-line';
import type { ChangeSet } from './change-set';
import type { SerializedConnection } from './serialized-connection';
import { ormView } from './orm-view';
import { fromOrm, fromSql, type StatementOrigin } from './statement-origin';
import type { ScopeOwner, TransactionScope } from './transaction-scope';

/** What the runners of one DataSource share. */
export interface RunnerServices {
  connection: SerializedConnection;
  /** The audit table that a statement would destroy, where that is not allowed. */
  protectedTable(sql: string): string | undefined;
}

/* eslint-disable-next-line @typescript-eslint/no-explicit-any -- seam with TypeORM: a mixin needs any[] in its constructor */
type RunnerClass = new (...args: any[]) => QueryRunner;

/** The parts of TypeORM's base runner that its public interface leaves out. */
interface RunnerInternals {
  transactionDepth: number;
  clearDatabase(database?: string): Promise<void>;
  /** Statements of the schema builder. */
  executeQueries(...queries: unknown[]): Promise<void>;
}

/**
 * Makes of TypeORM's query runner, which everybody shares, a private one: all go over one serialised connection, and
 * each statement finds its transaction by the flow it was called in.
 */
export function serializedRunnerClass(base: RunnerClass, services: RunnerServices): RunnerClass {
  const { connection } = services;

  return class SerializedQueryRunner extends base implements ScopeOwner {
    readonly scopes: TransactionScope[] = [];
    private hasHadTransaction = false;
    private isClearing = false;
    private released = false;

    /** Read by TypeORM: true in a transaction of its own, or, before the first of its own, in the flow's. */
    override get isTransactionActive(): boolean {
      if (this.scopes.length > 0) return true;
      return !this.hasHadTransaction && connection.frames.current()?.state === 'open';
    }
    override set isTransactionActive(_value: boolean) {
      // The database's own state counts.
    }

    override get isReleased(): boolean {
      return this.released;
    }
    override set isReleased(_value: boolean) {
      // TypeORM's constructor clears it; only release() sets it.
    }

    /** For `AuditSubscriber`: the changes of the transaction that this flow is in. */
    get changeSet(): ChangeSet | undefined {
      return (connection.frames.ownScopeOf(this) ?? connection.frames.current())?.changeSet;
    }

    /** Not async: the transaction must be bound to the flow before the first await of the caller. */
    override startTransaction(_isolationLevel?: IsolationLevel): Promise<void> {
      if (this.released) return Promise.reject(new QueryRunnerAlreadyReleasedError());
      try {
        const scope = connection.enter(this);
        this.hasHadTransaction = true;
        return this.openAnnounced(scope);
      } catch (error) {
        return Promise.reject(asError(error));
      }
    }

    override commitTransaction(): Promise<void> {
      const scope = connection.frames.ownScopeOf(this);
      if (!scope) return Promise.reject(new TransactionNotStartedError());
      return connection.frames.exit(scope, async () => {
        // Of a lost transaction there is nothing to announce; commit() says what became of it.
        if (scope.state === 'open') await this.broadcaster.broadcast('BeforeTransactionCommit');
        await connection.commit(scope);
        this.countDepth();
        await this.broadcaster.broadcast('AfterTransactionCommit');
      });
    }

    override rollbackTransaction(): Promise<void> {
      const scope = connection.frames.ownScopeOf(this);
      if (!scope) return Promise.reject(new TransactionNotStartedError());
      return connection.frames.exit(scope, async () => {
        await this.broadcaster.broadcast('BeforeTransactionRollback');
        connection.rollback(scope);
        this.countDepth();
        await this.broadcaster.broadcast('AfterTransactionRollback');
      });
    }

    /* eslint-disable-next-line @typescript-eslint/no-explicit-any -- seam with TypeORM: its overloads return any */
    override query(sql: string, parameters: unknown[] = [], useStructuredResult = false): Promise<any> {
      // Query builders and persistence ask for structured results; who writes SQL, as a rule, does not.
      const origin = useStructuredResult || this.isClearing ? fromOrm : fromSql;
      return this.queryFrom(origin, sql, parameters, useStructuredResult);
    }

    /** This runner for statements that the ORM makes and asks for like an application. */
    get [ormView](): QueryRunner {
      return this.viewFrom(fromOrm);
    }

    private viewFrom(origin: StatementOrigin): QueryRunner {
      const query = (sql: string, parameters: unknown[] = [], useStructuredResult = false) =>
        this.queryFrom(origin, sql, parameters, useStructuredResult);
      return Object.create(this, { query: { value: query } }) as QueryRunner;
    }

    executeQueries(...queries: unknown[]): Promise<void> {
      return (base.prototype as RunnerInternals).executeQueries.apply(this[ormView], queries);
    }

    override clearTable(tableName: string, options?: { cascade?: boolean }): Promise<void> {
      return super.clearTable.call(this.viewFrom({ ...fromOrm, clears: tableName }), tableName, options);
    }

    private queryFrom(
      origin: StatementOrigin,
      sql: string,
      parameters: unknown[],
      useStructuredResult: boolean,
    ): Promise<unknown> {
      if (this.released) return Promise.reject(new QueryRunnerAlreadyReleasedError());
      try {
        const bound = connection.bind(this, sql);
        return connection.frames.exit(connection.endedBy(this, sql), () =>
          this.runQuery(origin, sql, parameters, useStructuredResult, bound),
        );
      } catch (error) {
        return Promise.reject(asError(error));
      }
    }

    private runQuery(
      origin: StatementOrigin,
      sql: string,
      parameters: unknown[],
      useStructuredResult: boolean,
      bound: TransactionScope | undefined,
    ): Promise<unknown> {
      const running = this.runLogged(origin, sql, parameters, useStructuredResult, bound);
      if (!bound) return running;
      return running.finally(() => {
        // Nothing came of it, such as when a subscriber threw before the statement.
        if (bound.state === 'starting') bound.end();
      });
    }

    private async runLogged(
      origin: StatementOrigin,
      sql: string,
      parameters: unknown[],
      useStructuredResult: boolean,
      bound: TransactionScope | undefined,
    ): Promise<unknown> {
      const table = services.protectedTable(sql);
      if (table !== undefined) {
        if (this.isClearing) return undefined; // everything else is dropped, the log stays
        throw new LogProtectedError(`"${table}" belongs to the audit log.`, { value: sql });
      }
      const values = parameters.map((value) => (typeof value === 'boolean' ? Number(value) : value));
      const { logger, options } = dataSourceOf(this);
      logger.logQuery(sql, values, this);
      const before = new BroadcasterResult();
      this.broadcaster.broadcastBeforeQueryEvent(before, sql, values);
      // Each wait for nothing costs a promise, which AsyncLocalStorage makes dear.
      if (before.promises.length > 0) await before.wait();
      const broadcast = new BroadcasterResult();
      const start = performance.now();
      try {
        const result = toQueryResult(await connection.execute(this, { sql, parameters: values, origin }, bound));
        const duration = performance.now() - start;
        const slow = options.maxQueryExecutionTime;
        if (slow && duration > slow) logger.logQuerySlow(duration, sql, values, this);
        this.broadcaster.broadcastAfterQueryEvent(broadcast, sql, values, true, duration, result.raw, undefined);
        return useStructuredResult ? result : result.raw;
      } catch (error) {
        logger.logQueryError(error as Error, sql, values, this);
        this.broadcaster.broadcastAfterQueryEvent(broadcast, sql, values, false, undefined, undefined, error);
        throw error instanceof AuditError ? error : new QueryFailedError(sql, values, error as Error);
      } finally {
        if (broadcast.promises.length > 0) await broadcast.wait();
      }
    }

    /** Drops every table and view of the application; the audit tables stay unless the options say otherwise. */
    override async clearDatabase(database?: string): Promise<void> {
      this.isClearing = true;
      try {
        await super.clearDatabase(database);
      } finally {
        this.isClearing = false;
      }
    }

    /**
     * Rolls back what is still open. Where that is of a function which nobody awaited, that function fails by it.
     * @throws TransactionLeftOpenError where it was started by hand
     */
    override async release(): Promise<void> {
      if (this.released) return;
      const open = this.scopes.find(({ state, isOfFunction }) => state === 'open' && !isOfFunction);
      for (const scope of [...this.scopes]) connection.rollback(scope);
      this.released = true;
      await super.release();
      if (open) {
        throw new TransactionLeftOpenError(
          `The query runner was released in an open transaction, which was rolled back (${open.holder.label}).`,
        );
      }
    }

    override async [Symbol.asyncDispose](): Promise<void> {
      try {
        // As TypeORM has it: disposing commits. Only a transaction of this runner's own, though.
        while (this.scopes.length > 0) await this.commitTransaction();
      } finally {
        await this.release();
      }
    }

    private async openAnnounced(scope: TransactionScope): Promise<void> {
      try {
        await this.broadcaster.broadcast('BeforeTransactionStart');
      } catch (error) {
        scope.end();
        throw error;
      }
      await connection.open(scope);
      this.countDepth();
      await this.broadcaster.broadcast('AfterTransactionStart');
    }

    private countDepth(): void {
      (this as unknown as RunnerInternals).transactionDepth = this.scopes.length;
    }
  };
}

function toQueryResult(result: StatementResult): QueryResult {
  const queryResult = new QueryResult();
  if (result.rows) {
    queryResult.raw = result.rows;
    queryResult.records = result.rows;
  } else {
    queryResult.raw = result.lastInsertId;
    queryResult.affected = result.changes;
  }
  return queryResult;
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
