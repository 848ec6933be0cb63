import { InvalidContextError } from '../errors';
import type { AuditContext } from '../model/context';
import { FlowLocal } from './flow-local';

const limits = [
  ['actor', 255],
  ['reason', 2000],
  ['correlationId', 255],
  ['source', 255],
] as const;
/** SQL Server's limit for a session context value; the same on all dialects, so that a move changes nothing. */
const maxBytes = 8000;
/** A character takes six bytes at most, as `\\u0000`; the names of the fields and their quotes less than the rest. */
const alwaysFits = (maxBytes - 100) / 6;

const local = new FlowLocal<AuditContext>();

/** Who does what follows, why, and on whose request. It follows the flow through every await, and nowhere else. */
export const auditContext = {
  /**
   * Runs `fn` under a context; fields that are left out are taken from the context around it.
   * @throws InvalidContextError where a field has the wrong type or is too long; `fn` is not called then.
   */
  run<T>(context: AuditContext, fn: () => T): T {
    return local.run(Object.freeze({ ...local.get(), ...checked(context) }), fn);
  },

  /** The context of the current flow, undefined outside `run`. */
  current(): AuditContext | undefined {
    return local.get();
  },
};

function checked(context: AuditContext): AuditContext {
  const result: AuditContext = {};
  let length = 0;
  for (const [field, limit] of limits) {
    const value: unknown = context[field];
    if (value === undefined || value === null) continue;
    if (typeof value !== 'string') throw new InvalidContextError(`${field} must be a string.`, { value });
    if (value.length > limit) {
      throw new InvalidContextError(`${field} has ${value.length} characters; ${limit} is the most.`, { value });
    }
    result[field] = value;
    length += value.length;
  }
  if (context.metadata !== undefined && context.metadata !== null) result.metadata = checkedMetadata(context.metadata);
  else if (length <= alwaysFits) return result;
  const bytes = Buffer.byteLength(JSON.stringify(result));
  if (bytes > maxBytes) throw new InvalidContextError(`The context takes ${bytes} bytes; ${maxBytes} is the most.`);
  return result;
}

function checkedMetadata(metadata: unknown): Record<string, unknown> {
  if (typeof metadata !== 'object' || Array.isArray(metadata)) {
    throw new InvalidContextError('metadata must be an object.', { value: metadata });
  }
  try {
    // A copy: what the caller changes afterwards is not what was recorded before.
    return JSON.parse(JSON.stringify(metadata)) as Record<string, unknown>;
  } catch (cause) {
    throw new InvalidContextError('metadata must be JSON: no cycles, no bigint.', { cause });
  }
}
