import { randomUUID } from 'node:crypto';
import type { Engine } from '../dialect/engine';
import type { CaptureSql } from '../dialect/capture-sql';
import type { AuditContext } from '../model/context';
import { auditContext } from './audit-context';
import type { ChangeSet } from './change-set';

/**
 * What the triggers copy into each record beside the images: transaction, instant, context. It is written to a row of
 * the connection's own, before a statement, when it differs from what the connection last got.
 */
export class ContextRow {
  private last: { changeSet: ChangeSet; context: AuditContext | undefined; at: number; generation: number } | undefined;
  /** Transaction id of what the library does not know the transaction of. */
  private readonly outside = `outside-${randomUUID()}`;
  private readonly texts = new WeakMap<AuditContext, string>();

  constructor(
    private readonly engine: Engine,
    private readonly sql: CaptureSql,
  ) {}

  /** @param keepsCounts the row is not written for the sake of the instant alone, which would change `changes()` */
  write(changeSet: ChangeSet, generation: number, keepsCounts = false): void {
    const context = changeSet.contextOf(auditContext.current());
    const at = Date.now();
    const { last } = this;
    const isSame = last?.changeSet === changeSet && last.context === context && last.generation === generation;
    if (isSame && (last.at === at || keepsCounts)) return;
    const values = [generation, changeSet.transactionId, at, this.textOf(context)];
    const { changes } = this.engine.execute(this.sql.updateContextRow, values);
    if (changes !== 1) throw new Error(`the context row was written ${changes} times`);
    this.last = { changeSet, context, at, generation };
  }

  /**
   * Leaves nothing behind for whoever writes next without the library's knowing, such as through the driver's own handle:
   * that is recorded under no context, and at its own instant.
   */
  clear(generation: number): void {
    if (!this.last) return;
    this.engine.execute(this.sql.updateContextRow, [generation, this.outside, null, null]);
    this.last = undefined;
  }

  /** A rollback has taken the row back to what it was before. */
  forget(): void {
    this.last = undefined;
  }

  private textOf(context: AuditContext | undefined): string | null {
    if (!context) return null;
    let text = this.texts.get(context);
    if (text === undefined) this.texts.set(context, (text = JSON.stringify(context)));
    return text;
  }
}
