import type { Image } from './image';

/** What was done to a row, or to the trail itself; DESIGN of the operations is in ARCHITECTURE.md. */
export const operations = [
  'insert',
  'update',
  'delete',
  'soft_delete',
  'restore',
  'link',
  'unlink',
  'truncate',
  'event',
  'baseline',
  'reconcile',
  'prune',
  'schema',
] as const;

export type Operation = (typeof operations)[number];

/** One field that differs between the two images. */
export interface FieldChange {
  field: string;
  before: unknown;
  after: unknown;
}

/** One record of the trail: one change of one row, or one business event. */
export interface AuditEntry {
  /** Order of this log. */
  id: number;
  /** Database in which the entry was made; with `seq` an identity that survives a move. */
  logId: string;
  seq: number;
  transactionId: string;
  entity: string;
  table: string;
  /** The key as text; a composite key as a JSON object of its properties; null for events without one. */
  entityId: string | null;
  operation: Operation;
  /** Canonical image before the change, null for an insert. */
  before: Image | null;
  /** Canonical image after the change, null for a delete. */
  after: Image | null;
  changes: FieldChange[];
  actor: string | null;
  reason: string | null;
  correlationId: string | null;
  source: string | null;
  metadata: Record<string, unknown> | null;
  /** Number of the column map under which the images were recorded. */
  schemaVersion: number;
  /** Instant of the change, ISO 8601, UTC, milliseconds. */
  recordedAt: string;
}
