import { randomUUID } from 'node:crypto';
import type { Engine } from '../dialect/engine';
import type { CaptureSql } from '../dialect/capture-sql';
import { type AuditContext, contextText } from '../model/context';
import { auditContext } from './audit-context';
import type { ChangeSet } from './change-set';
import type { StatementSource } from './statement-origin';

/**
 * What the triggers copy into each record beside the images: transaction, instant, context. It is written to a row of
 * the connection's own, before a statement, when it differs from what the connection last got.
 */
export class ContextRow {
  private last: Written | undefined;
  /** Generation for which the row is known to be cleared. */
  private cleared: number | undefined;
  /** Transaction id of what the library does not know the transaction of. */
  private readonly outside = `outside-${randomUUID()}`;
  private readonly texts = { orm: new WeakMap<object, string>(), sql: new WeakMap<object, string>() };

  constructor(
    private readonly engine: Engine,
    private readonly sql: CaptureSql,
  ) {}

  /** The context of the statement that is about to run. */
  get context(): AuditContext | undefined {
    return this.last?.context;
  }

  /**
   * @param source of the statement, for a context that names none; undefined for one of the library's own
   * @param keepsCounts the row is not written for the sake of the instant alone, which would change `changes()`
   */
  write(changeSet: ChangeSet, generation: number, source: StatementSource | undefined, keepsCounts = false): void {
    const context = changeSet.contextOf(auditContext.current());
    const at = Date.now();
    const { last } = this;
    const isSame =
      last?.changeSet === changeSet &&
      last.context === context &&
      last.source === source &&
      last.generation === generation;
    if (isSame && (last.at === at || keepsCounts)) return;
    const values = [generation, changeSet.transactionId, at, this.textOf(context, source)];
    const { changes } = this.engine.execute(this.sql.updateContextRow, values);
    if (changes !== 1) throw new Error(`the context row was written ${changes} times`);
    this.last = { changeSet, context, source, at, generation };
    this.cleared = undefined;
  }

  /**
   * Leaves nothing behind for whoever writes next without the library's knowing, such as through the driver's own handle:
   * that is recorded under no context, and at its own instant.
   */
  clear(generation: number): void {
    if (this.cleared === generation) return;
    this.engine.execute(this.sql.updateContextRow, [generation, this.outside, null, null]);
    this.last = undefined;
    this.cleared = generation;
  }

  /** A rollback has taken the row back to what it was before. */
  forget(): void {
    this.last = undefined;
    this.cleared = undefined;
  }

  private textOf(context: AuditContext | undefined, source: StatementSource | undefined): string | null {
    if (!source) return context ? contextText(context, context.source) : null;
    const texts = this.texts[source];
    const key = context ?? noContext;
    let text = texts.get(key);
    if (text === undefined) texts.set(key, (text = contextText(key, key.source ?? source)));
    return text;
  }
}

interface Written {
  changeSet: ChangeSet;
  context: AuditContext | undefined;
  source: StatementSource | undefined;
  at: number;
  generation: number;
}

const noContext: AuditContext = {};
