import type { OperationName } from './operations/all-operations';

/** A transaction or a savepoint, as the program that made it knows it. */
export class Scope {
  private atRisk = false;
  private state: 'open' | 'committed' | 'rolled back' = 'open';

  constructor(readonly parent: Scope | undefined) {}

  end(state: 'committed' | 'rolled back'): void {
    // The database may have rolled back before the program came to commit.
    if (this.state === 'open') this.state = state;
  }

  /** The database ended the transaction by itself. */
  lose(): void {
    this.end('rolled back');
    this.parent?.lose();
  }

  /** A statement has started in it that may make the database end the transaction by itself. */
  takeRisk(): void {
    this.atRisk = true;
    this.parent?.takeRisk();
  }

  get isAtRisk(): boolean {
    return this.atRisk;
  }

  /** True where what was done in it is in the database now. */
  get hasLanded(): boolean {
    return this.state === 'committed' && (this.parent?.hasLanded ?? true);
  }

  get root(): Scope {
    return this.parent?.root ?? this;
  }
}

/** What a flow knows about a step that it has made. */
export interface JournaledStep {
  token: string;
  owner: number;
  op: OperationName;
  /** Number of the unit in the flow, where the unit has a context of its own. */
  unit: number | undefined;
  reason: string | null;
  scope: Scope;
  isFloating: boolean;
  /** The transaction that the step is part of; a step that stands alone is one. */
  transaction: Scope;
  /** JSON of what it returned, or the code of its error. */
  result: string;
}

/** What happened in a run, from the side of those who did it. */
export class Journal {
  readonly steps = new Map<string, JournaledStep>();
  /** What should never happen: errors that nothing in the program explains. */
  readonly problems: string[] = [];
  /** The server ended a transaction, so that a run without the library may come to something else. */
  isDisturbed = false;
  private readonly ordinals = new Map<number, number>();

  /** A token that no other step has; the same in each run of the same program. */
  nextToken(owner: number): string {
    const ordinal = (this.ordinals.get(owner) ?? 0) + 1;
    this.ordinals.set(owner, ordinal);
    return `${owner}.${ordinal}`;
  }
}
