import type { AuditEntry } from '../../src/index';
import { auditContext } from '../../src/index';
import type { Flow } from './program';

/** What a flow says about itself, and what its entries must say. */
export interface FlowContext {
  actor: string | null;
  reason: string | null;
  correlationId: string | null;
  /** Where it is null, entries name what made their statement. */
  source: string | null;
}

const nobody: FlowContext = { actor: null, reason: null, correlationId: null, source: null };

export function contextOf(flow: Flow | undefined, owner: number): FlowContext {
  if (flow?.isAnonymous) return nobody;
  return {
    actor: `actor ${owner}`,
    reason: `reason of ${owner}`,
    correlationId: `request ${owner}`,
    source: owner % 2 ? `source ${owner}` : null,
  };
}

/** Runs `fn` as the flow. */
export function runAs<T>({ actor, reason, correlationId, source }: FlowContext, fn: () => T): T {
  if (actor === null || reason === null || correlationId === null) return fn();
  return auditContext.run({ actor, reason, correlationId, ...(source !== null && { source }) }, fn);
}

/** What of an entry is not as the flow said; the reason is judged with the step, and so is a source that it left open. */
export function contextProblems(entry: AuditEntry, context: FlowContext): string[] {
  const problems = (['actor', 'correlationId'] as const)
    .filter((field) => entry[field] !== context[field])
    .map((field) => `its ${field} is ${entry[field]}, not ${context[field]}`);
  const isRight =
    context.source === null && entry.operation !== 'event' ? isMaker(entry.source) : entry.source === context.source;
  return isRight ? problems : [...problems, `its source is ${entry.source}, not ${context.source ?? 'what made it'}`];
}

/** What entries name where the context leaves it open. */
export function isMaker(source: string | null): boolean {
  return source === 'orm' || source === 'sql';
}
