import type { QueryRunner } from 'typeorm';
import type { IsolationLevel } from 'typeorm/driver/types/IsolationLevel.js';
import type { ReadStream } from 'typeorm/platform/PlatformTools.js';
import type { BatchContext, BatchKind, Moment, ServerTransaction } from '../dialect/server-dialect';
import { LogProtectedError, TransactionIdleError, TransactionLeftOpenError } from '../errors';
import { auditContext } from './audit-context';
import { ChangeSet } from './change-set';
import { OpenTransaction, type OpenTransactions } from './open-transactions';
import { ormView } from './orm-view';
import { ownAttempts, retrying } from './retrying';
import type { StatementSource } from './statement-origin';

/** What the runners of one DataSource on a server share. */
export interface ContextServices {
  batchKind(sql: string): BatchKind;
  /** False while the audit tables may not be there, when nothing is recorded. */
  isStarted(): boolean;
  /** True for the statement that records a business event, which is neither the ORM's nor SQL of the application. */
  isEvent(sql: string): boolean;
  /** Calls `fn` so that the batch it sends carries this context; undefined for one that carries none. */
  carrying<T>(context: BatchContext | undefined, fn: () => T): T;
  /** The audit table that a statement would destroy, where that is not allowed. */
  protectedTable(sql: string): string | undefined;
  /** @throws UnrecordedStatementError for a statement that changes rows and fires no trigger */
  refuseUnrecorded(sql: string): void;
  /** Makes the triggers fit the schema, which has changed; in the transaction of the runner where it has changed it. */
  adapt(queryRunner: QueryRunner | undefined): Promise<void>;
  /** The triggers are yet to be made to fit a change of the schema outside of transactions. */
  isAdaptationDue(): boolean;
  /** The schema may have changed, for all to see. */
  schemaChanged(): void;
  /** Empties a captured table row by row, and then as a whole. @returns false for a table that is not captured */
  clearTable(queryRunner: QueryRunner, path: string, truncate: () => Promise<void>): Promise<boolean>;
  /** What the application is told of an error. */
  converted(error: unknown, moment: Moment): unknown;
  /** A transaction that wrote, by the ORM, to these tables has committed. */
  committed(tables: ReadonlySet<string>): void;
  readonly transactions: OpenTransactions;
  transactionOf(queryRunner: QueryRunner): ServerTransaction;
  /** A statement on its own leaves all of itself behind, or nothing where it fails. */
  isAllOrNothing(sql: string): boolean;
  /** The same is worth trying at once, and is known not to have been done. */
  passesSoon(error: unknown, moment: Moment): boolean;
  /** Something is run again. */
  onRetry(): void;
}

/* eslint-disable-next-line @typescript-eslint/no-explicit-any -- seam with TypeORM: a mixin needs any[] in its constructor */
type RunnerClass = new (...args: any[]) => QueryRunner;

/** The parts of TypeORM's base runner that its public interface leaves out. */
interface RunnerInternals {
  transactionDepth: number;
  isTransactionActive: boolean;
  databaseConnection: unknown;
  broadcaster: {
    broadcast(event: `${'Before' | 'After'}TransactionStart` | 'AfterTransactionRollback'): Promise<void>;
  };
  clearDatabase(database?: string): Promise<void>;
}

/** Makes of TypeORM's query runner one whose batches carry the context of the flow that they are called in. */
export function contextRunnerClass(base: RunnerClass, services: ContextServices): RunnerClass {
  return class ContextQueryRunner extends base {
    /** Read by `AuditSubscriber`; undefined outside a transaction. */
    changeSet: ChangeSet | undefined;
    /** Ids of the rows of `audit_context` that this transaction has, by what they say. */
    private readonly contextIds = new Map<string, string>();
    private hasChangedSchema = false;
    private hasAdapted = false;
    private isClearing = false;

    /** Undefined outside a transaction, and once the server has none any more. */
    private transaction: OpenTransaction | undefined;
    /** What everything but ROLLBACK meets, in a transaction that was ended behind its owner's back, or that can't go on. */
    private ended: Error | undefined;
    /** The server has rolled it back already, or is about to. */
    private isRolledBack = false;
    /** Depths whose savepoint was not made. */
    private readonly withoutSavepoint = new Set<number>();

    override async startTransaction(isolationLevel?: IsolationLevel): Promise<void> {
      if (this.isTransactionActive) return this.startNested();
      this.assertGoesOn();
      // Set anew at each start: a rollback that fails raises no event.
      this.reset(new ChangeSet());
      const start = async () => {
        // TypeORM counts up although BEGIN has failed.
        this.internals.transactionDepth = 0;
        await super.startTransaction(isolationLevel);
      };
      try {
        await this.retried('begin', start);
        this.begun();
      } catch (error) {
        this.internals.transactionDepth = 0;
        throw services.converted(error, 'begin');
      } finally {
        if (!this.isTransactionActive) this.reset(undefined);
      }
    }

    /** As TypeORM does it, but for an error: there it settles no promise, and ends the process. */
    private async startNested(): Promise<void> {
      const { broadcaster, transactionDepth } = this.internals;
      try {
        this.assertGoesOn();
        await broadcaster.broadcast('BeforeTransactionStart');
        await this.query(`SAVE TRANSACTION typeorm_${transactionDepth}`);
        this.withoutSavepoint.delete(transactionDepth + 1);
      } catch (error) {
        // Who failed to begin rolls back, and that must not be what is around it.
        this.withoutSavepoint.add(transactionDepth + 1);
        throw error;
      } finally {
        this.internals.transactionDepth += 1;
      }
      await broadcaster.broadcast('AfterTransactionStart');
    }

    override async commitTransaction(): Promise<void> {
      this.assertGoesOn();
      const isOutermost = this.internals.transactionDepth === 1;
      if (isOutermost && this.hasChangedSchema && services.isStarted()) {
        await services.adapt(this.plain);
        this.hasChangedSchema = false;
      }
      if (isOutermost) services.transactionOf(this).guardEnd();
      try {
        await this.within(() => super.commitTransaction());
      } catch (error) {
        throw isOutermost ? services.converted(error, 'commit') : error;
      }
      if (this.isTransactionActive) return;
      if (this.changeSet) services.committed(this.changeSet.announcedTables);
      this.reset(undefined);
    }

    override async rollbackTransaction(): Promise<void> {
      if (this.internals.transactionDepth > 1) return this.rollbackNested();
      try {
        if (this.isRolledBack) await this.rolledBack();
        else {
          services.transactionOf(this).guardEnd();
          await this.within(() => super.rollbackTransaction());
        }
      } catch (error) {
        // What was to be undone is undone: by the server, or with the connection.
        if (!this.isTransactionActive || !services.transactionOf(this).isOver) throw error;
        await this.rolledBack();
      }
      // What triggers were made for is gone.
      if (this.hasChangedSchema) services.schemaChanged();
      this.reset(undefined);
    }

    /** Where it fails, TypeORM would stay at this depth; here what is around it can do nothing but roll back. */
    private async rollbackNested(): Promise<void> {
      const depth = this.internals.transactionDepth;
      const hasSavepoint = !this.withoutSavepoint.delete(depth);
      try {
        if (hasSavepoint && this.ended === undefined) await this.within(() => super.rollbackTransaction());
      } catch (error) {
        this.ended = error as Error;
        throw error;
      } finally {
        this.internals.transactionDepth = depth - 1;
      }
    }

    /** What TypeORM does once the server has rolled back. */
    private async rolledBack(): Promise<void> {
      this.internals.transactionDepth = 0;
      this.internals.isTransactionActive = false;
      this.internals.databaseConnection = null;
      await this.internals.broadcaster.broadcast('AfterTransactionRollback');
    }

    /* eslint-disable-next-line @typescript-eslint/no-explicit-any -- seam with TypeORM: its overloads return any */
    override query(sql: string, parameters?: unknown[], useStructuredResult = false): Promise<any> {
      // Query builders and persistence ask for structured results; who writes SQL, as a rule, does not.
      return this.queryFrom(
        useStructuredResult || this.isClearing ? 'orm' : 'sql',
        sql,
        parameters,
        useStructuredResult,
      );
    }

    /** This runner for statements that the ORM makes and asks for like an application. */
    get [ormView](): QueryRunner {
      const query = (sql: string, parameters?: unknown[], useStructuredResult = false) =>
        this.queryFrom('orm', sql, parameters, useStructuredResult);
      return Object.create(this, { query: { value: query } }) as QueryRunner;
    }

    /** This runner for the library's own statements, which are not recorded. */
    private get plain(): QueryRunner {
      const query = (sql: string, parameters?: unknown[], useStructuredResult = false) =>
        this.within(() =>
          services.carrying(undefined, () => super.query(sql, parameters, useStructuredResult as true)),
        );
      return Object.create(this, { query: { value: query } }) as QueryRunner;
    }

    override async clearTable(tableName: string, options?: { cascade?: boolean }): Promise<void> {
      const truncate = () => super.clearTable.call(this.plain, tableName, options);
      if (services.isStarted() && (await services.clearTable(this[ormView], tableName, truncate))) return;
      await super.clearTable(tableName, options);
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

    override async stream(
      sql: string,
      parameters?: unknown[],
      onEnd?: () => void,
      onError?: (error: Error) => void,
    ): Promise<ReadStream> {
      this.assertGoesOn();
      const done = this.transaction?.started();
      try {
        const stream = await super.stream(sql, parameters, onEnd, onError);
        for (const event of ['end', 'error', 'close']) stream.once(event, () => done?.());
        return stream;
      } catch (error) {
        done?.();
        throw error;
      }
    }

    private async queryFrom(
      source: StatementSource,
      sql: string,
      parameters: unknown[] | undefined,
      useStructuredResult: boolean,
    ): Promise<unknown> {
      this.assertGoesOn();
      const isAlone = !this.isTransactionActive;
      const sendOnce = (context?: BatchContext) =>
        services.carrying(context, () => super.query(sql, parameters, useStructuredResult as true));
      const send = (context?: BatchContext): Promise<unknown> =>
        isAlone && services.isAllOrNothing(sql)
          ? this.retried('statement', () => sendOnce(context))
          : this.within(() => sendOnce(context));
      if (!services.isStarted()) return send();
      const table = services.protectedTable(sql);
      if (table !== undefined) {
        if (this.isClearing) return undefined; // everything else is dropped, the log stays
        throw new LogProtectedError(`"${table}" belongs to the audit log.`, { value: sql });
      }
      services.refuseUnrecorded(sql);
      const kind = services.batchKind(sql);
      try {
        if (kind === 'ddl') return await this.changingSchema(() => send());
        if (kind === 'other') return await send();
        await this.adaptTriggers();
        return await send(this.batchContext(services.isEvent(sql) ? undefined : source));
      } catch (error) {
        throw services.converted(error, this.changeSet ? 'transaction' : 'statement');
      }
    }

    /**
     * Rolls back what is still open: TypeORM would leave the connection, and the transaction in it, to nobody.
     * @throws TransactionLeftOpenError
     */
    override async release(): Promise<void> {
      if (this.isReleased) return;
      const open = this.isRolledBack || services.transactionOf(this).isOver ? undefined : this.transaction;
      if (open) await this.rollBackQuietly();
      this.reset(undefined);
      await super.release();
      if (!open) return;
      throw new TransactionLeftOpenError(
        `The query runner was released in an open transaction, which was rolled back (${open.label}).`,
      );
    }

    /** In a transaction by itself: another connection would wait for what the transaction holds. */
    private async adaptTriggers(): Promise<void> {
      if (!this.isTransactionActive) return services.adapt(undefined);
      if (!this.hasChangedSchema && (this.hasAdapted || !services.isAdaptationDue())) return;
      await services.adapt(this.plain);
      this.hasChangedSchema = false;
      this.hasAdapted = true;
    }

    private async changingSchema<T>(run: () => Promise<T>): Promise<T> {
      try {
        return await run();
      } finally {
        if (this.isTransactionActive) this.hasChangedSchema = true;
        else services.schemaChanged();
      }
    }

    private batchContext(source: StatementSource | undefined): BatchContext {
      const { changeSet } = this;
      const current = auditContext.current();
      const context = changeSet ? changeSet.contextOf(current) : current;
      const isInTransaction = changeSet !== undefined;
      const { transactionId } = changeSet ?? new ChangeSet();
      // A transaction of one statement has one context, and its row the same id.
      if (!isInTransaction) return { id: transactionId, transactionId, context, source, isInTransaction };
      const text = JSON.stringify([source, context]);
      let id = this.contextIds.get(text);
      if (id === undefined) this.contextIds.set(text, (id = new ChangeSet().transactionId));
      return { id, transactionId, context, source, isInTransaction };
    }

    private reset(changeSet: ChangeSet | undefined): void {
      if (this.transaction) services.transactions.ended(this.transaction);
      this.transaction = undefined;
      this.ended = undefined;
      this.isRolledBack = false;
      this.withoutSavepoint.clear();
      this.changeSet = changeSet;
      this.contextIds.clear();
      this.hasChangedSchema = false;
      this.hasAdapted = false;
    }

    private begun(): void {
      this.transaction = new OpenTransaction(auditContext.current()?.actor, (why) => {
        this.ended = new TransactionIdleError(`The ${why}.`);
        this.isRolledBack = true;
        void this.rollBackQuietly();
      });
      services.transactions.begun(this.transaction);
    }

    /** It can fail only where the connection has ended, and the transaction with it. */
    private rollBackQuietly(): Promise<void> {
      return services
        .transactionOf(this)
        .rollBack()
        .catch(() => undefined);
    }

    /** Something runs in the transaction, where there is one. */
    private async within<T>(work: () => Promise<T>): Promise<T> {
      const { transaction } = this;
      if (!transaction) return work();
      try {
        return await transaction.during(work);
      } finally {
        // The server has ended it by itself.
        if (services.transactionOf(this).isOver) services.transactions.ended(transaction);
      }
    }

    private retried<T>(moment: Moment, work: () => Promise<T>): Promise<T> {
      return retrying(work, {
        ...ownAttempts,
        mayRetry: (error) => services.passesSoon(error, moment),
        onRetry: () => services.onRetry(),
      });
    }

    /** @throws TransactionIdleError, or what made the transaction impossible to go on with */
    private assertGoesOn(): void {
      if (this.ended !== undefined) throw this.ended;
    }

    private get internals(): RunnerInternals {
      return this as unknown as RunnerInternals;
    }
  };
}
