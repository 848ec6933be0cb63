import { auditContext } from '../../src/index';
import { codeOf, isExplained, ScopeFailed } from './failures';
import type { FlowRun } from './flow-run';
import { type Journal, type JournaledStep, Scope } from './journal';
import { keyOf } from './keys';
import { type OperationName, operations } from './operations/all-operations';
import { entityOperations } from './operations/entity-operations';
import type { Call } from './operations/operation';
import type { Step } from './program';
import type { Place } from './scoped-work';

/** Runs one step, and journals it. @throws ScopeFailed where it failed and the program lets it end its scope */
export async function runStep(flow: FlowRun, step: Step, place: Place): Promise<void> {
  const { owner, journal, stage, isWild } = flow;
  const token = journal.nextToken(owner);
  const isFloating = place.isFloating ?? false;
  // On a pool another manager has another connection, which may wait for the flow's own locks for ever.
  const isForeign = step.foreign === true && (isWild || !place.runner) && !(stage.isServer && place.scope);
  const manager = isForeign ? stage.dataSource.manager : place.manager;
  const scope = new Scope(place.scope);
  const reason = step.ownReason ? `reason of ${token}` : flow.context.reason;
  const op = substituteOf(step.op, place, isWild);
  const entry: JournaledStep = {
    ...{ token, owner, op, reason, scope, isFloating, unit: place.unit },
    transaction: scope.root,
    result: 'unfinished',
  };
  journal.steps.set(token, entry);
  if (op === 'raw INSERT OR ROLLBACK') scope.takeRisk();
  const call: Call = {
    ...{ manager, owner, token, value: step.value },
    id: keyOf(owner, step.slot),
    otherId: keyOf(owner, step.other),
    isInTransaction: place.scope !== undefined && !isWild,
    record: (name) => stage.record(name, manager),
  };
  try {
    const work = () => operations[op](call);
    const result = await (step.ownReason ? auditContext.run({ reason: reason! }, work) : work());
    entry.result = JSON.stringify(result) ?? 'nothing';
    scope.end('committed');
  } catch (error) {
    entry.result = codeOf(error);
    const isStranger = isForeign && place.runner !== undefined;
    if (stage.isServer) disturb(entry, journal);
    const isLost = stage.isServer || (place.scope?.root.isAtRisk ?? false);
    if (!isExplained(entry.result, { isLost, isFloating, isStranger })) {
      journal.problems.push(`${op} ${token} failed: ${entry.result}`);
    }
    scope.end(keepsRowsBefore(op, place) ? 'committed' : 'rolled back');
    if (op === 'raw INSERT OR ROLLBACK' && entry.result.startsWith('SQLITE_CONSTRAINT')) scope.lose();
    if (step.throws) throw new ScopeFailed();
  }
}

/** Without the library TypeORM loses count of a transaction that OR ROLLBACK ends, so there is nothing to compare. */
function substituteOf(op: OperationName, place: Place, isWild: boolean): OperationName {
  return op === 'raw INSERT OR ROLLBACK' && place.scope && !isWild ? 'raw INSERT OR FAIL' : op;
}

/** True where a failure leaves what was written before it: FAIL does, and inside a transaction TypeORM's save() does. */
function keepsRowsBefore(op: OperationName, place: Place): boolean {
  return op === 'raw INSERT OR FAIL' || (place.scope !== undefined && op in entityOperations);
}

/**
 * The server may have ended the transaction of a step that failed, as the victim of a deadlock, or because it ends any with
 * its first error, as one server that executes T-SQL does: whether it has, its COMMIT tells.
 */
function disturb({ scope, result }: JournaledStep, journal: Journal): void {
  if (scope.parent || result === 'AUDIT_TRANSACTION_LOST') journal.isDisturbed = true;
  scope.takeRisk();
}
