import type { AuditEntry } from '../../src/index';
import { auditContext } from '../../src/index';
import type { Flow } from './program';

/** What a flow says about itself, and what its entries must say. */
export interface FlowContext {
  actor: string | null;
  reason: string | null;
  correlationId: string | null;
  source: string | null;
}

const nobody: FlowContext = { actor: null, reason: null, correlationId: null, source: null };

export function contextOf(flow: Flow | undefined, owner: number): FlowContext {
  if (flow?.isAnonymous) return nobody;
  return {
    actor: `actor ${owner}`,
    reason: `reason of ${owner}`,
    correlationId: `request ${owner}`,
    source: `source ${owner}`,
  };
}

/** Runs `fn` as the flow. */
export function runAs<T>({ actor, reason, correlationId, source }: FlowContext, fn: () => T): T {
  if (actor === null || reason === null || correlationId === null || source === null) return fn();
  return auditContext.run({ actor, reason, correlationId, source }, fn);
}

/** What of an entry is not as the flow said; the reason is judged with the step. */
export function contextProblems(entry: AuditEntry, context: FlowContext): string[] {
  return (['actor', 'correlationId', 'source'] as const)
    .filter((field) => entry[field] !== context[field])
    .map((field) => `its ${field} is ${entry[field]}, not ${context[field]}`);
}
