import type { CaptureSql } from '../dialect/capture-sql';
import type { Engine } from '../dialect/engine';
import type { Missing, PolicyWarning } from '../model/missing';

const texts: Record<Missing, string> = {
  context: 'A change without an actor',
  reason: 'A change without a reason',
  triggers: 'A transaction that may be recorded in part, because triggers were missing or out of date,',
};

/**
 * Changes that warnOnly lets through. The triggers count them in a table of the connection's own, which a rollback takes
 * back like anything else; what a transaction has added to it is taken over, and told, when it has committed.
 */
export class PolicyWarnings {
  private readonly counts = new Map<string, PolicyWarning>();
  /** Totals of the triggers at the last commit, and at the one that is about to be. */
  private totals = new Map<string, number>();
  private next: PolicyWarning[] = [];
  private unrecorded: ReadonlySet<string> = new Set();

  constructor(
    private readonly engine: Engine,
    private readonly sql: CaptureSql,
    private readonly onWarning: (message: string) => void,
  ) {}

  /** Since the connection was opened, by entity. */
  list(): PolicyWarning[] {
    return [...this.counts.values()].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1)).map((warning) => ({ ...warning }));
  }

  /** Entities whose triggers do not stand in the transaction that is about to commit. */
  noteUnrecorded(entities: ReadonlySet<string>): void {
    this.unrecorded = entities;
  }

  /** @param areCounted the triggers count */
  beforeCommit(areCounted: boolean): void {
    if (areCounted) this.next = this.engine.execute(this.sql.selectWarned).rows as PolicyWarning[];
  }

  afterCommit(): void {
    const { next, unrecorded } = this;
    if (next.length === 0 && unrecorded.size === 0) return;
    this.forget();
    for (const warning of next) {
      const key = keyOf(warning);
      const last = this.totals.get(key) ?? 0;
      this.totals.set(key, warning.count);
      // A table that was made anew counts from zero.
      this.add(warning, warning.count - (warning.count < last ? 0 : last));
    }
    for (const entity of unrecorded) this.add({ entity, missing: 'triggers' }, 1);
  }

  /** The transaction has left nothing behind. */
  forget(): void {
    this.next = [];
    this.unrecorded = new Set();
  }

  private add({ entity, missing }: Omit<PolicyWarning, 'count'>, count: number): void {
    if (count === 0) return;
    const key = keyOf({ entity, missing });
    const known = this.counts.get(key);
    if (known) {
      known.count += count;
      return;
    }
    this.counts.set(key, { entity, missing, count });
    this.onWarning(firstWarning({ entity, missing }));
  }
}

/** What an operator is told of the first of its kind. */
export function firstWarning({ entity, missing }: Omit<PolicyWarning, 'count'>): string {
  return `${texts[missing]} went through, because warnOnly names ${entity}; from now on they are only counted, in stats().capture.policyWarnings`;
}

export function keyOf({ entity, missing }: Omit<PolicyWarning, 'count'>): string {
  return `${entity}\n${missing}`;
}
