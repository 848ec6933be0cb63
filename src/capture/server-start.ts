import type { DataSource, EntityMetadata, QueryRunner } from 'typeorm';
import { refusalMarks } from '../dialect/capture-sql';
import { runReplayed } from '../dialect/replayed';
import type { BatchContext, ServerConnection, ServerDialect, ServerSession } from '../dialect/server-dialect';
import {
  AuditError,
  AuditSchemaMissingError,
  CaptureBrokenError,
  ChangeNotRecordedError,
  UnrecordedStatementError,
} from '../errors';
import { requirements } from '../model/missing';
import type { AuditTrailOptions, ResolvedOptions } from '../options';
import { migrateAuditSchema } from '../store/audit-migrator';
import { logElsewhere, MetaStore } from '../store/meta-store';
import { ownTransaction } from '../store/own-transaction';
import { auditContext } from './audit-context';
import { AuditSubscriber } from './audit-subscriber';
import type { ContextServices } from './context-query-runner';
import { type CapturePlan, planCapture } from './entity-plan';
import { FlowLocal } from './flow-local';
import { warner } from './instrument';
import { keepSubscribed } from './keep-subscribed';
import { OpenTransactions } from './open-transactions';
import { assertAllowed, refusal } from './requirements';
import { ownAttempts, retrying } from './retrying';
import { ServerTriggers } from './server-triggers';
import { ServerWarnings } from './server-warnings';

/** The capture of an initialised DataSource on a server. */
export interface ServerCapture {
  readonly session: ServerSession;
  readonly triggers: ServerTriggers;
  readonly warnings: ServerWarnings;
  /** What was wrong at the start, for people. */
  readonly notes: readonly string[];
  readonly plan: CapturePlan;
  /** `fn` in a transaction of its own, on a query runner as TypeORM makes it: what it writes carries no context. */
  readonly inTransaction: <T>(fn: (queryRunner: QueryRunner) => Promise<T>) => Promise<T>;
  readonly transactions: OpenTransactions;
  /** Name of a table as the log has it. */
  tableOf(metadata: EntityMetadata): string;
  readonly logId: string;
  /** Driver and version, for people. */
  readonly driver: string;
  /** Audit migrations that ran when the DataSource was initialised. */
  readonly migrationsRun: readonly string[];
}

/** A DataSource on a server under capture. */
export interface ServerInstrumentation {
  readonly dialect: ServerDialect;
  givenOptions: AuditTrailOptions;
  options: ResolvedOptions;
  /** Undefined while the DataSource is not initialised. */
  capture: ServerCapture | undefined;
  /** Called before the pool is closed. */
  onDisconnect: (() => Promise<void>) | undefined;
  /** Statements, transactions and their beginnings that were run again. */
  retries: number;
}

/** Starts capture when a DataSource is initialised, and keeps it fitting to the schema from then on. */
export class ServerStart {
  private readonly carried = new FlowLocal<BatchContext>();
  /** There once capture is started. */
  private standing: Pick<ServerCapture, 'session' | 'triggers' | 'warnings'> | undefined;
  private readonly transactions = new OpenTransactions(
    () => this.instrumentation.options.idleTransactionTimeoutMs,
    (message) => warner(this.instrumentation.options)(message),
  );
  private isSchemaChanged = false;
  private adapting: Promise<void> | undefined;

  constructor(
    private readonly dataSource: DataSource,
    private readonly instrumentation: ServerInstrumentation,
    /** A query runner as TypeORM makes it. */
    readonly plainRunner: () => QueryRunner,
  ) {
    instrumentation.dialect.carry(dataSource, () => this.carried.get());
  }

  get services(): ContextServices {
    const { dialect } = this.instrumentation;
    return {
      committed: (tables) => {
        const { triggers, warnings } = this.standing ?? {};
        if (triggers && tables.size > 0) warnings?.noteUnrecorded(new Set(triggers.unrecordedOf(tables)));
      },
      transactions: this.transactions,
      transactionOf: (queryRunner) => dialect.transactionOf(queryRunner),
      isAllOrNothing: (sql) => dialect.isAllOrNothing(sql),
      passesSoon: (error, moment) => dialect.passesSoon(error, moment),
      onRetry: () => (this.instrumentation.retries += 1),
      batchKind: (sql) => dialect.batchKind(sql),
      isStarted: () => this.standing !== undefined,
      isEvent: (sql) => sql === this.standing?.session.captureSql.insertEvent,
      carrying: (context, fn) => this.carried.run(context, fn),
      protectedTable: (sql) => this.protectedTable(sql),
      refuseUnrecorded: (sql) => this.refuseUnrecorded(sql),
      adapt: (queryRunner) => this.adapt(queryRunner),
      isAdaptationDue: () => this.isSchemaChanged || this.adapting !== undefined,
      schemaChanged: () => (this.isSchemaChanged = true),
      clearTable: (queryRunner, path, truncate) => this.clearTable(queryRunner, path, truncate),
      converted: (error, moment) => converted(error, dialect.saidOf(error), dialect.typedError(error, moment)),
    };
  }

  /**
   * Migrates the audit tables and installs the triggers; with `migrate: false` it looks whether they are as they should be.
   * @throws AuditSchemaMissingError, CaptureBrokenError where they are not
   */
  async run(): Promise<ServerCapture> {
    const { dataSource } = this;
    const { dialect, options } = this.instrumentation;
    const session = this.withRetries(dialect.session(dataSource));
    const tableOf = ({ tablePath }: EntityMetadata) => nameOf(dataSource, tablePath);
    const plan = planCapture(dataSource, options, (type) => dialect.columnKind(type), tableOf);
    const triggers = new ServerTriggers(session.captureSql, session.storeSql, () => plan);
    keepSubscribed(dataSource, new AuditSubscriber(triggers, (path) => triggers.planOf(nameOf(dataSource, path))));
    const migrationsRun = options.migrate ? await this.migrate(session) : [];
    if (plan.tables.length > 0) await this.makeStand(session, triggers);
    const driver = await session.describe();
    const mayBeMarked = plan.tables.some(({ warnsOnly, requires }) => warnsOnly && requires.length > 0);
    const logId = await this.logIdOf(session, plan);
    const notes = logId !== '' && (await this.isLogElsewhere(session)) ? [logElsewhere] : [];
    notes.forEach(warner(options));
    const warnings = new ServerWarnings(session, mayBeMarked, warner(options));
    await warnings.tell();
    this.standing = { session, triggers, warnings };
    return {
      session,
      triggers,
      warnings,
      plan,
      inTransaction: (fn) => this.inTransaction(fn),
      transactions: this.transactions,
      tableOf,
      logId,
      notes,
      driver,
      migrationsRun,
    };
  }

  /** The DataSource is closed. */
  stop(): void {
    this.standing = undefined;
    this.isSchemaChanged = false;
  }

  /** Alone: of several applications that start at once on a new database each would make the tables. */
  private migrate(session: ServerSession): Promise<string[]> {
    return ownTransaction(this.dataSource.createQueryRunner(), async (queryRunner) => {
      await session.within(queryRunner).query(session.captureSql.lockInstallation);
      return migrateAuditSchema(this.dataSource, 'server', queryRunner);
    });
  }

  private async makeStand(session: ServerSession, triggers: ServerTriggers): Promise<void> {
    if (this.instrumentation.options.migrate) return this.install(session, triggers);
    if (!(await areTablesThere(session))) throw new AuditSchemaMissingError('The audit tables are not there.');
    const { missing, stale } = await triggers.check(session.pool);
    const broken = [...missing, ...stale];
    if (broken.length === 0) return;
    throw new CaptureBrokenError(
      `The triggers of these tables are missing or out of date: ${broken.join(', ')}; audit-trail migrate installs them.`,
      { value: broken },
    );
  }

  /** Empty where there is no log: nothing is captured, and nobody migrated. */
  private async logIdOf(session: ServerSession, plan: CapturePlan): Promise<string> {
    const isThere = this.instrumentation.options.migrate || plan.tables.length > 0 || (await areTablesThere(session));
    return isThere ? runReplayed((engine) => new MetaStore(session.storeSql).logId(engine), session.pool) : '';
  }

  private async isLogElsewhere({ storeSql, pool }: ServerSession): Promise<boolean> {
    if (this.instrumentation.options.auditDatabase !== undefined) return false;
    return runReplayed((engine) => new MetaStore(storeSql).deliveredLogs(engine).length > 0, pool);
  }

  /** What the library asks of the pool by itself may be done twice: it reads, or claims what nobody has claimed. */
  private withRetries(session: ServerSession): ServerSession {
    const { pool } = session;
    const retriedPool: ServerConnection = {
      query: (sql, parameters) => this.retried(() => pool.query(sql, parameters)),
      ...(pool.queryAll && { queryAll: (statements) => this.retried(() => pool.queryAll!(statements)) }),
    };
    return { ...session, pool: retriedPool };
  }

  private retried<T>(work: () => Promise<T>): Promise<T> {
    const { dialect } = this.instrumentation;
    return retrying(work, {
      ...ownAttempts,
      // As good as before BEGIN: whatever was done may be done again.
      mayRetry: (error) => dialect.passesSoon(error, 'begin'),
      onRetry: () => (this.instrumentation.retries += 1),
    });
  }

  private install(session: ServerSession, triggers: ServerTriggers): Promise<void> {
    return this.retried(() => this.inTransaction((runner) => triggers.install(session.within(runner))));
  }

  private inTransaction<T>(fn: (queryRunner: QueryRunner) => Promise<T>): Promise<T> {
    return ownTransaction(this.plainRunner(), fn);
  }

  private async adapt(queryRunner: QueryRunner | undefined): Promise<void> {
    const { session, triggers } = this.standing!;
    if (queryRunner) return triggers.install(session.within(queryRunner));
    if (this.isSchemaChanged) {
      this.isSchemaChanged = false;
      this.adapting = this.carried.run(undefined, () => this.install(session, triggers));
      // Whoever comes meanwhile waits for the same; a failure is tried again.
      this.adapting = this.adapting.then(
        () => (this.adapting = undefined),
        (error: unknown) => {
          this.adapting = undefined;
          this.isSchemaChanged = true;
          throw error;
        },
      );
    }
    await this.adapting;
  }

  private protectedTable(sql: string): string | undefined {
    if (this.instrumentation.options.allowLogDestruction) return undefined;
    return this.instrumentation.dialect.auditTableDestroyedBy(sql);
  }

  private refuseUnrecorded(sql: string): void {
    const isCaptured = (path: string) => this.standing?.triggers.planOf(nameOf(this.dataSource, path)) !== undefined;
    const problem = this.instrumentation.dialect.unrecordedBy(sql, isCaptured);
    if (problem !== undefined) throw new UnrecordedStatementError(problem, { value: sql });
  }

  /** Beside the delete of each row stands a marker that the table was emptied as a whole: both, or neither. */
  private async clearTable(queryRunner: QueryRunner, path: string, truncate: () => Promise<void>): Promise<boolean> {
    const { session, triggers } = this.standing!;
    const plan = triggers.planOf(nameOf(this.dataSource, path));
    if (!plan) return false;
    // No trigger asks where there is no row.
    assertAllowed(plan, auditContext.current());
    const isOwn = !queryRunner.isTransactionActive;
    if (isOwn) await queryRunner.startTransaction();
    try {
      await queryRunner.query(session.captureSql.deleteAll(plan.table));
      // The table is empty; what is left to do is to number its rows from the beginning.
      await truncate();
      const { entity, table } = plan;
      await session
        .within(queryRunner)
        .query(session.captureSql.insertMarker, [entity, table, null, 'truncate', null, '[]']);
      if (isOwn) await queryRunner.commitTransaction();
    } catch (error) {
      if (isOwn) await queryRunner.rollbackTransaction();
      throw error;
    }
    return true;
  }
}

function areTablesThere({ storeSql, pool }: ServerSession): Promise<boolean> {
  return runReplayed((engine) => new MetaStore(storeSql).areTablesThere(engine), pool);
}

/** Name of a table as plans have it: its path, without the schema of those that name none. */
function nameOf({ driver }: DataSource, path: string): string {
  const { schema = '', database = '' } = driver;
  const parts = path.split('.');
  if (parts.length === 3 && parts[0]!.toLowerCase() === database.toLowerCase()) parts.shift();
  if (parts.length === 2 && parts[0]!.toLowerCase() === schema.toLowerCase()) parts.shift();
  return parts.join('.');
}

/** @param said all that the server said of it @param passing what it is where it will pass by itself */
function converted(error: unknown, said: readonly string[], passing: AuditError | undefined): unknown {
  if (error instanceof AuditError) return error;
  for (const requirement of requirements) {
    const mark = refusalMarks[requirement];
    const message = said.find((text) => text.includes(mark));
    if (message !== undefined) {
      return refusal(requirement, message.slice(message.indexOf(mark) + mark.length).trim(), error);
    }
  }
  if (passing) return passing;
  const message = said.find((text) => /\baudit_(?:entry|uncounted|context|number)\b/.test(text));
  if (message === undefined) return error;
  if (/invalid object name/i.test(message)) {
    return new AuditSchemaMissingError('The change was refused: the audit tables are not there.', { cause: error });
  }
  return new ChangeNotRecordedError('The change was refused: its record could not be written.', { cause: error });
}
