import type { RowChange } from '../model/change';
import type { TableMap } from '../model/table-map';

/** One record as a trigger or `record()` left it. */
export type PendingRecord = PendingChange | PendingEvent;

interface PendingBase extends OutboxRows {
  transactionId: string;
  /** Milliseconds since 1970. */
  recordedAt: number;
  /** The context as JSON text, null without one. */
  context: string | null;
}

export interface PendingChange extends PendingBase {
  kind: 'change';
  map: TableMap;
  mapId: number;
  images: RowChange;
}

export interface PendingEvent extends PendingBase {
  kind: 'event';
  /** The event as JSON text. */
  event: string;
}

/** The rows of the outbox that a record is in, by id. */
export interface OutboxRows {
  first: number;
  last: number;
}

/** A record of which no entry can be made. */
export interface BrokenRecord extends OutboxRows {
  kind: 'broken';
  /** What is wrong, for people; without values of the record. */
  reason: string;
  /** Whatever failed, where it may as well be a fault of ours as of the record. */
  fault?: unknown;
}

/** What is stored is no record: no code, and no later attempt, could make an entry of it. */
export class BrokenRecordError extends Error {}

/** The record that `error` was thrown for. The message of a foreign error may quote a value, and is not repeated. */
export function asBroken({ first, last }: OutboxRows, error: unknown): BrokenRecord {
  const place = { kind: 'broken', first, last } as const;
  if (error instanceof BrokenRecordError) return { ...place, reason: error.message };
  const name = error instanceof Error ? error.name : typeof error;
  return { ...place, reason: `its values can't be converted (${name})`, fault: error };
}
