import type { QueryRunner } from 'typeorm';
import type { IsolationLevel } from 'typeorm/driver/types/IsolationLevel.js';
import type { BatchContext, BatchKind, Moment } from '../dialect/server-dialect';
import { LogProtectedError } from '../errors';
import { auditContext } from './audit-context';
import { ChangeSet } from './change-set';
import type { OpenWork } from './open-work';
import { ormView } from './orm-view';
import type { StatementSource } from './statement-origin';

/** What the runners of one DataSource on a server share. */
export interface ContextServices {
  batchKind(sql: string): BatchKind;
  /** False while the audit tables may not be there, when nothing is recorded. */
  isStarted(): boolean;
  readonly open: OpenWork;
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
}

/* eslint-disable-next-line @typescript-eslint/no-explicit-any -- seam with TypeORM: a mixin needs any[] in its constructor */
type RunnerClass = new (...args: any[]) => QueryRunner;

/** The parts of TypeORM's base runner that its public interface leaves out. */
interface RunnerInternals {
  transactionDepth: number;
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

    override async startTransaction(isolationLevel?: IsolationLevel): Promise<void> {
      // Set anew at each start: a rollback that fails raises no event.
      if (!this.isTransactionActive) this.reset(new ChangeSet());
      try {
        await super.startTransaction(isolationLevel);
      } catch (error) {
        throw services.converted(error, 'begin');
      } finally {
        if (!this.isTransactionActive) this.reset(undefined);
      }
    }

    override async commitTransaction(): Promise<void> {
      const isOutermost = (this as unknown as RunnerInternals).transactionDepth === 1;
      if (isOutermost && this.hasChangedSchema && services.isStarted()) {
        await services.adapt(this.plain);
        this.hasChangedSchema = false;
      }
      try {
        await super.commitTransaction();
      } catch (error) {
        throw isOutermost ? services.converted(error, 'commit') : error;
      }
      if (!this.isTransactionActive) this.reset(undefined);
    }

    override async rollbackTransaction(): Promise<void> {
      await super.rollbackTransaction();
      if (this.isTransactionActive) return;
      // What triggers were made for is gone.
      if (this.hasChangedSchema) services.schemaChanged();
      this.reset(undefined);
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
      const query = (sql: string, parameters?: unknown[]) =>
        services.carrying(undefined, () => super.query(sql, parameters));
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

    private async queryFrom(
      source: StatementSource,
      sql: string,
      parameters: unknown[] | undefined,
      useStructuredResult: boolean,
    ): Promise<unknown> {
      const send = (context?: BatchContext) =>
        services.carrying(context, () => super.query(sql, parameters, useStructuredResult as true));
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
        return await this.openly(() => send(this.batchContext(services.isEvent(sql) ? undefined : source)));
      } catch (error) {
        throw services.converted(error, this.changeSet ? 'transaction' : 'statement');
      }
    }

    override async release(): Promise<void> {
      this.reset(undefined);
      await super.release();
    }

    /** In a transaction by itself: another connection would wait for what the transaction holds. */
    private async adaptTriggers(): Promise<void> {
      if (!this.isTransactionActive) return services.adapt(undefined);
      if (!this.hasChangedSchema && (this.hasAdapted || !services.isAdaptationDue())) return;
      await services.adapt(this.plain);
      this.hasChangedSchema = false;
      this.hasAdapted = true;
    }

    /** A statement on its own is a transaction for as long as it runs. */
    private async openly<T>(run: () => Promise<T>): Promise<T> {
      if (this.changeSet) return run();
      const work = {};
      services.open.begun(work);
      try {
        return await run();
      } finally {
        services.open.ended(work);
      }
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
      if (this.changeSet) services.open.ended(this.changeSet);
      if (changeSet) services.open.begun(changeSet);
      this.changeSet = changeSet;
      this.contextIds.clear();
      this.hasChangedSchema = false;
      this.hasAdapted = false;
    }
  };
}
