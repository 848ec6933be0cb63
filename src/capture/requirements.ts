import { type AuditError, ContextRequiredError, ReasonRequiredError } from '../errors';
import type { AuditContext } from '../model/context';
import type { Requirement } from '../model/missing';
import type { TablePlan } from './entity-plan';

/** @throws ContextRequiredError, ReasonRequiredError where a change of the entity is refused under this context */
export function assertAllowed(plan: TablePlan, context: AuditContext | undefined, entity = plan.entity): void {
  if (plan.warnsOnly) return;
  for (const requirement of plan.requires) {
    if (!context?.[fieldOf[requirement]]) throw refusal(requirement, entity);
  }
}

export function refusal(requirement: Requirement, entity: string, cause?: unknown): AuditError {
  const details = { value: entity, cause };
  if (requirement === 'context') return new ContextRequiredError(`A change of ${entity} needs an actor.`, details);
  return new ReasonRequiredError(`A change of ${entity} needs a reason.`, details);
}

const fieldOf = { context: 'actor', reason: 'reason' } as const satisfies Record<Requirement, keyof AuditContext>;
