import { performance } from 'node:perf_hooks';
import { type AuditError, TransactionHeldError, TransactionIdleError, TransactionLostError } from '../errors';
import type { ChangeSet } from './change-set';
import { FifoLock, type Holder } from './fifo-lock';
import { FlowLocal } from './flow-local';

/** Anything that can own a transaction: a query runner. Only its identity counts. */
export interface ScopeOwner {
  /** Open transactions of this owner, outermost first. */
  readonly scopes: TransactionScope[];
}

/**
 * A transaction or a savepoint. Statements and nested scopes take its lock in turn.
 *
 *   starting ──► open ──► ended   (COMMIT, ROLLBACK, RELEASE by its owner)
 *                  └────► lost    (the database rolled it back, or a scope around it was rolled back, or it was idle)
 */
export class TransactionScope {
  state: 'starting' | 'open' | 'ended' | 'lost' = 'starting';
  readonly lock: FifoLock;
  /** Name of the savepoint; undefined for a transaction. */
  readonly savepoint: string | undefined;
  /** The transaction that this scope is in, or is. */
  readonly root: TransactionScope;
  /** What goes on in the transaction, its savepoints included; kept at its root. */
  readonly activity: Activity;
  /** Started by a function that runs under a frame of its own, such as `save`, and ends it or fails. */
  isOfFunction = false;
  /** Why it is lost, where it was idle. */
  private idle: string | undefined;
  private readonly children = new Set<TransactionScope>();

  constructor(
    readonly owner: ScopeOwner,
    readonly parent: TransactionScope | undefined,
    readonly holder: Holder,
    readonly changeSet: ChangeSet,
    lockTimeoutMs: number,
  ) {
    this.lock = new FifoLock(lockTimeoutMs);
    this.savepoint = parent && nextSavepoint();
    this.root = parent?.root ?? this;
    this.activity = parent?.activity ?? { running: 0, lastAt: 0, lastSql: undefined };
  }

  /** To be called when something begins to run, or to wait, in the transaction; `left` when it has ended. */
  entered(sql?: string): void {
    this.activity.running += 1;
    if (sql !== undefined) this.activity.lastSql = sql;
  }

  left(): void {
    this.activity.running -= 1;
    this.activity.lastAt = performance.now();
  }

  open(): void {
    this.state = 'open';
    this.owner.scopes.push(this);
    this.parent?.children.add(this);
  }

  end(): void {
    this.leave('ended');
  }

  /**
   * Whoever waits in the scope around it goes on, and finds out for itself what became of that.
   * @param idle what to say where it was rolled back for idling
   */
  lose(idle?: string): void {
    this.idle = idle;
    this.leave('lost');
    this.parent?.lock.release();
  }

  /** For whoever comes too late. @param message what to say unless it was idle */
  lostError(message: string): AuditError {
    return this.idle === undefined ? new TransactionLostError(message) : new TransactionIdleError(this.idle);
  }

  private leave(state: 'ended' | 'lost'): void {
    this.state = state;
    this.parent?.children.delete(this);
    for (const child of [...this.children]) child.lose(this.idle);
    // A lost scope stays with its owner, so that the owner's COMMIT fails instead of finding nothing to commit.
    if (state === 'lost') return;
    const kept = this.owner.scopes.filter((scope) => !scope.isWithin(this));
    this.owner.scopes.splice(0, this.owner.scopes.length, ...kept);
  }

  isWithin(other: TransactionScope): boolean {
    return this === other || (this.parent?.isWithin(other) ?? false);
  }
}

interface Activity {
  /** Statements that run or wait in the transaction now. */
  running: number;
  /** When the last of them ended, on the monotonic clock in milliseconds. */
  lastAt: number;
  lastSql: string | undefined;
}

let savepoints = 0;

/** A name never used twice, so that a late RELEASE can't hit another savepoint. */
function nextSavepoint(): string {
  savepoints += 1;
  return `audit_trail_${savepoints}`;
}

/**
 * One step of a flow's way into transactions.
 *
 * `joins` says whether work through other managers may join. It is true where the frame was entered by running a
 * function under it: nothing else can then carry it. A hand-started transaction has no such function; its frame is
 * entered in place, and what was called in the same breath carries it too. There, work through other managers that
 * writes is refused, since it cannot be told from work of a stranger.
 */
export interface Frame {
  readonly outer: Frame | undefined;
  readonly joins: boolean;
  scope: TransactionScope | undefined;
  closed: boolean;
}

/** Finds the transaction that a statement belongs to: by the flow it was called in, not by the object it came through. */
export class FlowFrames {
  private readonly local = new FlowLocal<Frame>();

  /** Runs `fn` such that the next transaction started in it is the flow's own. */
  async run<T>(fn: () => Promise<T>): Promise<T> {
    const frame: Frame = { outer: this.prune(this.local.get()), joins: true, scope: undefined, closed: false };
    try {
      return await this.local.run(frame, fn);
    } finally {
      frame.closed = true;
    }
  }

  /** Makes `scope` the transaction of the current flow. Must be called before the first await of its caller. */
  enter(scope: TransactionScope): void {
    const current = this.local.get();
    const isVacant = !current?.scope || current.scope.state === 'ended';
    scope.isOfFunction = current?.joins === true && isVacant && !current.closed;
    if (scope.isOfFunction) current!.scope = scope;
    else this.local.enter({ outer: this.prune(current), joins: false, scope, closed: false });
  }

  /**
   * Runs `fn`, the end of `scope`, under the current frame, while the flow that called goes on without it.
   * Must be called before the first await of its caller.
   */
  exit<T>(scope: TransactionScope | undefined, fn: () => T): T {
    const current = this.local.get();
    if (!current || current.joins || current.scope !== scope) return fn();
    this.local.enter(this.prune(current.outer));
    return this.local.run(current, fn);
  }

  /**
   * The scope that `owner` would commit or roll back in this flow, lost or not. A function run under a frame of its own
   * can end what was started in it and nothing around it: TypeORM sends ROLLBACK even for what never started.
   */
  ownScopeOf(owner: ScopeOwner): TransactionScope | undefined {
    for (let frame = this.local.get(); frame; frame = frame.outer) {
      const { scope } = frame;
      if (scope?.owner === owner && (scope.state === 'open' || scope.state === 'lost')) return scope;
      if (frame.joins && !frame.closed && (!scope || scope.state === 'ended')) return undefined;
    }
    // A flow leaves its frame with the COMMIT that it calls. Where that fails, its ROLLBACK comes from outside, and
    // means what was started by hand, whatever a function that nobody awaits still has open in there.
    return owner.scopes.findLast(({ isOfFunction }) => !isOfFunction) ?? owner.scopes.at(-1);
  }

  /**
   * The scope of a statement of `owner`, undefined where it stands alone.
   * @throws TransactionHeldError, TransactionLostError where it could only go into a transaction that is not its own.
   */
  scopeOf(owner: ScopeOwner, isRead: boolean): TransactionScope | undefined {
    const ended: TransactionScope[] = [];
    for (let frame = this.local.get(); frame; frame = frame.outer) {
      const { scope } = frame;
      if (!scope || scope.state === 'starting') continue;
      if (scope.state === 'ended') {
        if (scope.owner === owner) ended.push(scope);
        continue;
      }
      if (scope.owner === owner || frame.joins || isRead) return alive(scope);
      if (owner.scopes.length === 0) throw heldError(scope);
      break;
    }
    const own = owner.scopes.at(-1);
    // What a released savepoint did belongs to the transaction around it.
    if (own && ended.some((scope) => !scope.isWithin(own))) {
      throw new TransactionLostError(
        'The transaction in which this work was started has ended; the query runner is in another one now.',
      );
    }
    return own && alive(own);
  }

  /** The innermost live scope of the current flow, whoever owns it. */
  current(): TransactionScope | undefined {
    for (let frame = this.local.get(); frame; frame = frame.outer) {
      if (frame.scope?.state === 'open' || frame.scope?.state === 'lost') return frame.scope;
    }
    return undefined;
  }

  /** Drops frames that can no longer matter, so that a long flow of many transactions does not grow a chain. */
  private prune(frame: Frame | undefined): Frame | undefined {
    let kept = frame;
    while (kept && (kept.closed || kept.scope?.state === 'ended')) kept = kept.outer;
    return kept;
  }
}

function alive(scope: TransactionScope): TransactionScope {
  if (scope.state !== 'lost') return scope;
  throw scope.lostError(`The transaction is gone: the database rolled it back (${scope.holder.label}).`);
}

function heldError(scope: TransactionScope): TransactionHeldError {
  return new TransactionHeldError(
    `A query runner of this flow holds an open transaction (${scope.holder.label}); a write through another manager can neither join it nor wait for it.`,
  );
}
