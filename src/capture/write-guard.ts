import type { Engine, StatementResult } from '../dialect/engine';
import { refusalMarks } from '../dialect/capture-sql';
import type { Marker } from '../model/marker';
import { requirements } from '../model/missing';
import { AuditSchemaMissingError, CaptureBrokenError, ChangeNotRecordedError } from '../errors';
import type { CaptureTriggers } from './capture-triggers';
import type { ChangeSet } from './change-set';
import type { ContextRow } from './context-row';
import type { TablePlan } from './entity-plan';
import type { PolicyWarnings } from './policy-warnings';
import { assertAllowed, refusal } from './requirements';
import type { StatementOrigin } from './statement-origin';

/** What must stand around every statement that writes: triggers that fit the schema, and the flow's own context. */
export class WriteGuard {
  constructor(
    private readonly engine: Engine,
    private readonly triggers: CaptureTriggers,
    private readonly contextRow: ContextRow,
    private readonly policyWarnings: PolicyWarnings,
    /** The statement that records a business event. */
    private readonly insertEvent: string,
    /** Told after each commit how many rows its statements changed, cascades and triggers not counted. */
    private readonly onCommit: (changes: number) => void,
  ) {}

  private changes = 0;

  /** Installs the triggers, for whoever writes first without the library's knowing. */
  start(): void {
    this.triggers.ensure();
    this.contextRow.clear(this.triggers.generation);
  }

  write(sql: string, changeSet: ChangeSet, origin: StatementOrigin, run: () => StatementResult): StatementResult {
    const { replaces, readsCounts } = this.engine.classify(sql);
    if (replaces) this.triggers.expectReplacing(sql);
    this.triggers.ensure();
    // A business event is neither the ORM's nor SQL of the application.
    const source = sql === this.insertEvent ? undefined : origin.source;
    this.contextRow.write(changeSet, this.triggers.generation, source, readsCounts);
    try {
      const result = origin.clears === undefined ? run() : this.clear(origin.clears, run);
      // A statement with RETURNING gives rows instead of a count.
      this.changes += result.changes || (result.rows?.length ?? 0);
      return result;
    } catch (error) {
      throw asRecordingError(error);
    }
  }

  /** Beside the delete of each row stands a marker that the table was emptied as a whole: both, or neither. */
  private clear(path: string, run: () => StatementResult): StatementResult {
    const plan = this.triggers.planOf(path);
    if (!plan) return run();
    // No trigger asks where there is no row.
    assertAllowed(plan, this.contextRow.context);
    const { entity, table } = plan;
    this.engine.execute('SAVEPOINT audit_trail_clear');
    try {
      const result = run();
      this.record({ marker: 'truncate', entity, table });
      return result;
    } finally {
      // A trigger of the application can have ended the transaction.
      if (this.engine.inTransaction) this.engine.execute('RELEASE audit_trail_clear');
    }
  }

  private record(marker: Marker): void {
    try {
      this.changes += this.engine.execute(this.insertEvent, [JSON.stringify(marker)]).changes;
    } catch (error) {
      // A full disk ends the whole transaction.
      if (this.engine.inTransaction) this.engine.execute('ROLLBACK TO audit_trail_clear');
      throw error;
    }
  }

  /** Dropping a table deletes its rows first, as far as foreign keys are concerned: what cascades from it is recorded. */
  drop(changeSet: ChangeSet, { source }: StatementOrigin, run: () => StatementResult): StatementResult {
    if (!this.triggers.seeCascades()) return this.ddl(run);
    this.triggers.ensure();
    this.contextRow.write(changeSet, this.triggers.generation, source);
    try {
      return run();
    } finally {
      this.triggers.drop();
    }
  }

  /** The triggers are away while the schema changes, and back at the latest when the transaction commits. */
  ddl(run: () => StatementResult): StatementResult {
    this.triggers.drop();
    try {
      return run();
    } finally {
      this.contextRow.forget();
    }
  }

  beforeCommit(): void {
    this.triggers.restore();
    this.contextRow.clear(this.triggers.generation);
    this.policyWarnings.beforeCommit(this.triggers.countWarned);
  }

  afterCommit(): void {
    this.triggers.committed();
    this.policyWarnings.afterCommit();
    const { changes } = this;
    this.changes = 0;
    if (changes > 0) this.onCommit(changes);
  }

  afterRollbackToSavepoint(): void {
    this.triggers.rolledBackToSavepoint();
    this.contextRow.forget();
  }

  afterRollback(): void {
    this.changes = 0;
    this.triggers.rolledBack();
    this.policyWarnings.forget();
    this.contextRow.forget();
  }

  /** @throws CaptureBrokenError where writes to one of these tables would go, or have gone, unrecorded. */
  assertStands(tables: Iterable<string>, planOf: (table: string) => TablePlan | undefined): void {
    this.triggers.ensureInstalled();
    const unrecorded = new Set<string>();
    for (const table of tables) {
      if (this.triggers.stands(table)) continue;
      const plan = planOf(table);
      if (!plan?.warnsOnly) {
        throw new CaptureBrokenError(`The capture of table "${table}" does not stand.`, { value: table });
      }
      unrecorded.add(plan.entity);
    }
    this.policyWarnings.noteUnrecorded(unrecorded);
  }
}

function asRecordingError(error: unknown): unknown {
  const message = error instanceof Error ? error.message : '';
  const missing = requirements.find((requirement) => message.includes(refusalMarks[requirement]));
  // In front of it a driver may have put a code.
  if (missing) return refusal(missing, message.split(refusalMarks[missing])[1]!.trim(), error);
  if (!/audit_outbox|audit_trail_(now|warned)/.test(message)) return error;
  if (message.includes('no such table')) {
    return new AuditSchemaMissingError('The change was refused: the audit tables are not there.', { cause: error });
  }
  return new ChangeNotRecordedError('The change was refused: its record could not be written.', { cause: error });
}
