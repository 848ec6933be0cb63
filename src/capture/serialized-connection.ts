import type { Engine, StatementResult } from '../dialect/engine';
import type { SideReader } from '../dialect/side-reader';
import type { StatementKind } from '../dialect/statement-kind';
import { TransactionHeldError, TransactionLostError, TransactionRequiredError } from '../errors';
import { auditContext } from './audit-context';
import { ChangeSet } from './change-set';
import { FifoLock, type Holder } from './fifo-lock';
import { IdleWatch } from './idle-watch';
import type { StatementOrigin } from './statement-origin';
import { describeIdle, isGuarded, noRows, savepointAlone, statementHolder, steeredByStranger } from './statement-terms';
import { LoopTurns } from './loop-turns';
import { TransactionHolder } from './transaction-holder';
import { FlowFrames, TransactionScope, type ScopeOwner } from './transaction-scope';
import { untilFree } from './until-free';
import type { WriteGuard } from './write-guard';

/** A statement as it came, and from where. */
interface Statement {
  readonly sql: string;
  readonly parameters: readonly unknown[];
  readonly origin: StatementOrigin;
}

/**
 * One writing connection that serves many flows: each statement joins the transaction of its flow, waits its turn, or
 * fails at once naming the holder. The lock follows the database's own transaction state after each statement.
 */
export class SerializedConnection {
  readonly frames = new FlowFrames();
  readonly lock: FifoLock;
  readonly idleWatch: IdleWatch;
  private readonly turns = new LoopTurns();

  constructor(
    readonly engine: Engine,
    private readonly guard: WriteGuard,
    private readonly lockTimeoutMs: number,
    /** A transaction in which nothing runs for so long is rolled back; 0: never. `onIdle` is told of it. */
    idle: { timeoutMs: number; onIdle(message: string): void },
    /** What a transaction that may write waits for before it asks for the connection. */
    private readonly beforeWriting: () => Promise<void> | undefined,
    /** Answers reads outside transactions, without waiting for one; undefined where everything takes its turn. */
    private readonly side?: SideReader,
  ) {
    this.lock = new FifoLock(lockTimeoutMs);
    this.idleWatch = new IdleWatch(idle.timeoutMs, (root, idleMs) => idle.onIdle(this.endIdle(root, idleMs)));
  }

  /**
   * The part of a raw statement that must happen before the first await of the caller: BEGIN binds a transaction to the
   * flow. Its scope is handed to `execute`.
   */
  bind(owner: ScopeOwner, sql: string): TransactionScope | undefined {
    if (this.engine.classify(sql).kind !== 'begin' || this.frames.scopeOf(owner, false)) return undefined;
    const scope = this.enter(owner);
    // TypeORM announces no raw BEGIN, so the context is bound here.
    scope.changeSet.open(auditContext.current());
    return scope;
  }

  /** Runs one statement for `owner`, in the transaction of its flow or on its own; at once where it need not wait. */
  execute(
    owner: ScopeOwner,
    statement: Statement,
    bound?: TransactionScope,
  ): StatementResult | Promise<StatementResult> {
    if (bound) return this.open(bound).then(() => noRows);
    const { sql } = statement;
    const { kind } = this.engine.classify(sql);
    if (kind === 'commit' || kind === 'rollback') {
      const own = this.frames.ownScopeOf(owner);
      if (own) return kind === 'commit' ? this.commit(own) : this.rollback(own);
    }
    const scope = this.frames.scopeOf(owner, kind === 'read');
    if (scope && (kind === 'commit' || kind === 'rollback')) throw steeredByStranger(scope, sql);
    if (!scope && kind === 'savepoint') throw savepointAlone(sql);
    return scope ? this.executeIn(scope, statement) : this.executeAlone(statement);
  }

  /** The scope that a raw COMMIT or ROLLBACK of `owner` ends, undefined for any other statement. */
  endedBy(owner: ScopeOwner, sql: string): TransactionScope | undefined {
    const { kind } = this.engine.classify(sql);
    return kind === 'commit' || kind === 'rollback' ? this.frames.ownScopeOf(owner) : undefined;
  }

  /**
   * Binds a new transaction to the flow, or a savepoint where the flow is in a transaction already; `open` begins it.
   * Must be called before the first await of the caller.
   */
  enter(owner: ScopeOwner): TransactionScope {
    const parent = this.frames.scopeOf(owner, false);
    const holder = new TransactionHolder(auditContext.current()?.actor);
    const changeSet = parent?.changeSet ?? new ChangeSet();
    const scope = new TransactionScope(owner, parent, holder, changeSet, this.lockTimeoutMs);
    this.frames.enter(scope);
    return scope;
  }

  /** Waits for the scope's turn and begins it. Until then it is "starting", and nobody can slip into it. */
  async open(scope: TransactionScope): Promise<void> {
    scope.entered();
    try {
      const ahead = scope.parent ? undefined : (this.beforeWriting() ?? this.turns.letOthersIn());
      if (ahead) await ahead;
      const turn = scope.parent?.lock ?? this.lock;
      if (!turn.tryAcquire(scope.holder)) await turn.acquire(scope.holder);
      try {
        if (scope.parent) this.startSavepoint(scope, scope.parent);
        else await this.untilFree(() => this.startTransaction(scope), scope.holder);
      } catch (error) {
        turn.release();
        throw error;
      }
    } catch (error) {
      scope.end();
      throw error;
    } finally {
      scope.left();
    }
  }

  // The state follows the statement at once: in a gap between them a rollback around it would pass it by.

  private startTransaction(scope: TransactionScope): void {
    this.engine.execute('BEGIN IMMEDIATE');
    scope.open();
    this.idleWatch.begun(scope);
  }

  private startSavepoint(scope: TransactionScope, parent: TransactionScope): void {
    if (parent.state !== 'open') throw parent.lostError('The transaction around this savepoint has ended.');
    this.engine.execute(`SAVEPOINT ${scope.savepoint}`);
    scope.open();
  }

  private endTransaction(scope: TransactionScope): void {
    // It can have been rolled back while COMMIT waited, and another one begun.
    if (scope.state !== 'open') throw new TransactionLostError('The transaction was rolled back before this COMMIT.');
    this.engine.execute('COMMIT');
    scope.end();
  }

  async commit(scope: TransactionScope): Promise<StatementResult> {
    // It stays lost until its owner rolls it back, which must not hit the transaction around it instead.
    if (scope.state === 'lost') {
      throw scope.lostError('There is nothing left to commit: the database rolled the transaction back.');
    }
    scope.entered();
    try {
      const holder = { label: 'COMMIT' };
      if (!scope.lock.tryAcquire(holder)) await scope.lock.acquire(holder);
    } catch (error) {
      scope.left();
      throw error;
    }
    try {
      if (scope.state !== 'open') throw new TransactionLostError('The transaction ended before this COMMIT.');
      if (scope.parent) {
        this.engine.execute(`RELEASE SAVEPOINT ${scope.savepoint}`);
        scope.end();
        scope.parent.lock.release();
        return noRows;
      }
      this.guard.beforeCommit();
      await this.untilFree(() => this.endTransaction(scope), scope.holder);
      this.guard.afterCommit();
      this.lock.release();
      return noRows;
    } catch (error) {
      this.followDatabase(scope);
      throw error;
    } finally {
      scope.left();
      scope.lock.release();
    }
  }

  /** Never waits: what is still queued in the transaction finds it ended and fails. */
  rollback(scope: TransactionScope): StatementResult {
    try {
      if (scope.state !== 'lost') return this.rollBack(scope);
    } catch (error) {
      this.followDatabase(scope);
      // A connection that is gone has taken the transaction with it, which is what was asked for.
      if (this.engine.inTransaction) throw error;
    }
    scope.end();
    return noRows;
  }

  private rollBack(scope: TransactionScope): StatementResult {
    if (scope.parent) {
      this.engine.execute(`ROLLBACK TO SAVEPOINT ${scope.savepoint}`);
      this.engine.execute(`RELEASE SAVEPOINT ${scope.savepoint}`);
      scope.end();
      this.side?.reconsider('ROLLBACK TO');
      this.guard.afterRollbackToSavepoint();
      scope.parent.lock.release();
      return noRows;
    }
    this.engine.execute('ROLLBACK');
    scope.end();
    this.afterRollback();
    this.lock.release();
    return noRows;
  }

  /** @throws TransactionHeldError where the flow has a transaction open, for work that could only wait for its caller. */
  assertOutside(label: string): void {
    const scope = this.frames.current();
    if (scope) throw new TransactionHeldError(`${label} can't run inside a transaction (${scope.holder.label}).`);
  }

  /**
   * The library's own work: `fn` alone on the connection, in a transaction of its own.
   * In a flow that has a transaction open, a read runs inside that, and a write is refused, because it could only wait
   * for its own caller. `fn` must not use the DataSource; while a write waits for something else, everybody waits for it.
   */
  async exclusive<T>(
    label: string,
    mode: 'read' | 'write',
    fn: (engine: Engine) => T | Promise<T>,
    timeoutMs = this.lockTimeoutMs,
  ): Promise<T> {
    const holder: Holder = { label };
    const scope = this.frames.current();
    if (scope) {
      if (mode === 'write') this.assertOutside(label);
      return this.within(scope, holder, fn);
    }
    await this.turns.letOthersIn();
    await this.lock.acquire(holder, timeoutMs);
    try {
      if (mode === 'read') return await this.untilFree(() => this.readAtOnce(fn), holder, timeoutMs);
      await this.untilFree(() => this.engine.execute('BEGIN IMMEDIATE'), holder, timeoutMs);
      const result = await fn(this.engine);
      await this.untilFree(() => this.engine.execute('COMMIT'), holder);
      return result;
    } catch (error) {
      if (this.engine.inTransaction) this.engine.execute('ROLLBACK');
      throw error;
    } finally {
      this.lock.release();
    }
  }

  /** To be tried again as a whole: its lock is taken with the first query, not with BEGIN. */
  private readAtOnce<T>(fn: (engine: Engine) => T): T {
    this.engine.execute('BEGIN');
    try {
      const result = fn(this.engine);
      this.engine.execute('COMMIT');
      return result;
    } catch (error) {
      if (this.engine.inTransaction) this.engine.execute('ROLLBACK');
      throw error;
    }
  }

  /**
   * The library's own work inside the transaction of the flow, writes included: `fn` in its turn there, to be committed or
   * rolled back with the rest. `fn` must not use the DataSource.
   */
  async joined<T>(label: string, fn: (engine: Engine) => T): Promise<T> {
    const scope = this.frames.current();
    if (!scope) throw new TransactionRequiredError(`${label} needs a transaction.`);
    return this.within(scope, { label }, (engine) => {
      if (scope.state === 'open') return fn(engine);
      throw new TransactionLostError(`The transaction ended while ${label} waited in it.`);
    });
  }

  private async within<T>(scope: TransactionScope, holder: Holder, fn: (engine: Engine) => T): Promise<T> {
    scope.entered();
    try {
      await scope.lock.acquire(holder);
      try {
        return fn(this.engine);
      } finally {
        this.followDatabase(scope);
        scope.lock.release();
      }
    } finally {
      scope.left();
    }
  }

  private executeIn(scope: TransactionScope, statement: Statement): StatementResult | Promise<StatementResult> {
    scope.entered(statement.sql);
    if (scope.lock.tryAcquire(statementHolder)) return this.runIn(scope, statement);
    return scope.lock.acquire(statementHolder).then(
      () => this.runIn(scope, statement),
      (error: unknown) => {
        scope.left();
        throw error;
      },
    );
  }

  /** The statement has its turn. */
  private runIn(scope: TransactionScope, statement: Statement): StatementResult {
    try {
      if (scope.state !== 'open') {
        throw new TransactionLostError('The transaction ended while this statement waited in it.');
      }
      return this.guarded(statement, scope.changeSet);
    } finally {
      this.followDatabase(scope, statement.sql);
      scope.lock.release();
      scope.left();
    }
  }

  private async executeAlone(statement: Statement): Promise<StatementResult> {
    const { sql, parameters } = statement;
    const { kind } = this.engine.classify(sql);
    const ahead = (isGuarded[kind] ? this.beforeWriting() : undefined) ?? this.turns.letOthersIn();
    if (ahead) await ahead;
    const asked = kind === 'read' ? this.side?.read(sql, parameters) : undefined;
    const rows = asked instanceof Promise ? await asked : asked;
    if (rows) return { rows, changes: 0, lastInsertId: 0 };
    if (!this.lock.tryAcquire(statementHolder)) await this.lock.acquire(statementHolder);
    try {
      if (!isGuarded[kind]) return await this.untilFree(() => this.unguarded(kind, statement), statementHolder);
      await this.untilFree(() => this.engine.execute('BEGIN IMMEDIATE'), statementHolder);
      return await this.executeAndCommit(statement);
    } finally {
      if (this.engine.isOpen && this.engine.inTransaction) {
        this.engine.execute('ROLLBACK');
        this.afterRollback();
      }
      this.lock.release();
    }
  }

  private async executeAndCommit(statement: Statement): Promise<StatementResult> {
    try {
      return this.guarded(statement, new ChangeSet());
    } finally {
      // After an error too: the database has undone the statement, except for what OR FAIL keeps, as without us.
      if (this.engine.inTransaction) {
        this.guard.beforeCommit();
        await this.untilFree(() => this.engine.execute('COMMIT'), statementHolder);
        this.guard.afterCommit();
      } else this.afterRollback();
    }
  }

  private guarded(statement: Statement, changeSet: ChangeSet): StatementResult {
    const { sql, parameters, origin } = statement;
    const { kind } = this.engine.classify(sql);
    switch (kind) {
      case 'write':
        return this.guard.write(sql, changeSet, origin, () => this.engine.run(sql, parameters));
      case 'drop':
        return this.guard.drop(changeSet, origin, () => this.unguarded(kind, statement));
      case 'ddl':
        return this.guard.ddl(() => this.unguarded(kind, statement));
      default:
        return this.unguarded(kind, statement);
    }
  }

  private unguarded(kind: StatementKind, { sql, parameters }: Statement): StatementResult {
    try {
      return this.engine.run(sql, parameters);
    } finally {
      if (kind !== 'read') this.side?.reconsider(sql);
    }
  }

  private afterRollback(): void {
    this.guard.afterRollback();
    this.side?.reconsider('ROLLBACK');
  }

  /** After a statement: did the database end the transaction by itself, or roll part of it back? */
  private followDatabase(scope: TransactionScope, sql?: string): void {
    const kind = sql === undefined ? undefined : this.engine.classify(sql).kind;
    if (kind === 'rollback-to') this.guard.afterRollbackToSavepoint();
    if (this.engine.inTransaction || scope.state !== 'open') return;
    scope.root.lose();
    this.afterRollback();
    this.lock.release();
  }

  /** Rolls back a transaction that holds the connection and does nothing with it. @returns what to say of it */
  private endIdle(root: TransactionScope, idleMs: number): string {
    const message = describeIdle(root, idleMs, (sql) => this.engine.classify(sql).kind);
    if (this.engine.isOpen) this.engine.execute('ROLLBACK');
    root.lose(message);
    this.afterRollback();
    this.lock.release();
    return message;
  }

  private untilFree<T>(fn: () => T, holder: Holder, timeoutMs = this.lockTimeoutMs): T | Promise<T> {
    return untilFree(this.engine, timeoutMs, holder, fn);
  }
}
