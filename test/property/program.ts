import type { OperationName } from './operations/all-operations';

/** How long a step waits before it starts: not at all, a microtask, or a turn of the event loop. */
export type Pause = 0 | 1 | 2;

/** One operation. Plain numbers choose what it works on, so that a counter-example shrinks and can be written down. */
export interface Step {
  kind: 'step';
  op: OperationName;
  /** Which of the flow's own rows, and which other one where the operation takes two. */
  slot: number;
  other: number;
  /** Which value of a pool. */
  value: number;
  pause: Pause;
  /** Through another manager than that of the transaction. */
  foreign?: boolean;
  /** Under a context with a reason of its own. */
  ownReason?: boolean;
  /** An error ends the scope around it, instead of being caught on the spot. */
  throws?: boolean;
  /** Not awaited before the flow ends. Only in wild programs. */
  floating?: boolean;
}

/** A scope inside a transaction. */
export interface Nested {
  kind: 'nested';
  /** `transaction()` on the manager, SAVEPOINT in raw SQL, or startTransaction() of the hand-started query runner. */
  via: 'transaction' | 'savepoint' | 'runner';
  body: Node[];
  fails?: boolean;
  /** The failure goes on to the scope around it. */
  rethrows?: boolean;
  /** As a step. */
  floating?: boolean;
}

/** Steps of one transaction that run at the same time. Only in wild programs; one after the other in others. */
export interface Parallel {
  kind: 'parallel';
  body: Node[];
}

export type Node = Step | Nested | Parallel;

/** A transaction of a flow, or operations that stand alone. */
export interface Unit {
  kind: 'alone' | 'transaction' | 'runner' | 'raw transaction';
  body: Node[];
  fails?: boolean;
  /** Under a context of its own, inside that of the flow. */
  ownContext?: boolean;
}

export interface Flow {
  /** A job that nobody put a context around. */
  isAnonymous?: boolean;
  pause: Pause;
  units: Unit[];
}

export interface Program {
  /** Flow 0 is owner 1. */
  flows: Flow[];
  /** flush() while the flows run, so many times, each after such a pause. */
  flushes: Pause[];
  /** With what has no one right outcome: parallel and floating steps, strangers' managers, OR ROLLBACK. */
  wild?: boolean;
}
