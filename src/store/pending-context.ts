import { createHash } from 'node:crypto';
import type { AuditContext } from '../model/context';

/** A context of the outbox in the columns of `audit_context`; equal contexts share one row, found by digest. */
export interface ContextRecord {
  digest: string;
  actor: string | null;
  reason: string | null;
  correlationId: string | null;
  source: string | null;
  metadata: string | null;
}

export function toContextRecord(text: string): ContextRecord {
  const { actor, reason, correlationId, source, metadata } = JSON.parse(text) as AuditContext;
  return {
    digest: createHash('sha256').update(text).digest('base64url'),
    actor: actor ?? null,
    reason: reason ?? null,
    correlationId: correlationId ?? null,
    source: source ?? null,
    metadata: metadata ? JSON.stringify(metadata) : null,
  };
}
