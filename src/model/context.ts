/** Who changes something, why, and on whose request. Every field is optional. */
export interface AuditContext {
  /** Who: a user name, a service account. At most 255 characters. */
  actor?: string;
  /** Why. At most 2,000 characters. */
  reason?: string;
  /** The request or job this belongs to. At most 255 characters. */
  correlationId?: string;
  /** Where it came from: `http`, `job:nightly`, … At most 255 characters. Without it entries say `orm` or `sql`. */
  source?: string;
  /** Anything else, as JSON. At most 8,000 bytes with the rest of the context. */
  metadata?: Record<string, unknown>;
}

/**
 * JSON of a context, always in the same order, so that equal contexts have equal texts.
 * @param source stands for that of the context
 */
export function contextText(context: AuditContext, source: string | undefined): string {
  const { actor, reason, correlationId, metadata } = context;
  return JSON.stringify({ actor, reason, correlationId, source, metadata });
}
