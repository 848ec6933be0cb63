import { createHash } from 'node:crypto';
import { BrokenRecordError } from './pending-record';

/** A context of the outbox in the columns of `audit_context`; equal contexts share one row, found by digest. */
export interface ContextRecord {
  digest: string;
  actor: string | null;
  reason: string | null;
  correlationId: string | null;
  source: string | null;
  metadata: string | null;
}

/** @throws BrokenRecordError where the text is not the JSON of a context */
export function toContextRecord(text: string): ContextRecord {
  const context = parseObject(text, 'its context');
  const field = (name: string) => textOrNull(context, name, 'its context');
  const { metadata } = context;
  return {
    digest: createHash('sha256').update(text).digest('base64url'),
    actor: field('actor'),
    reason: field('reason'),
    correlationId: field('correlationId'),
    source: field('source'),
    metadata: metadata ? JSON.stringify(metadata) : null,
  };
}

/** @throws BrokenRecordError, which names `what` and repeats nothing of the text */
export function parseObject(text: string, what: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new BrokenRecordError(`${what} is no JSON`);
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new BrokenRecordError(`${what} is no JSON object`);
}

export function textOrNull(object: Record<string, unknown>, name: string, what: string): string | null {
  const value = object[name] ?? null;
  if (value === null || typeof value === 'string') return value;
  throw new BrokenRecordError(`${what} has a ${name} that is no text`);
}
