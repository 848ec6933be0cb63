import { createHash } from 'node:crypto';

/** Who and why, by the columns that every database has for it. */
export interface PortableContext {
  actor: string | null;
  reason: string | null;
  correlationId: string | null;
  source: string | null;
  /** JSON text. */
  metadata: string | null;
}

/**
 * What an entry says in any database that holds it: images in canonical form, the column map itself instead of its
 * number, the context instead of a reference to it.
 */
export interface PortableEntry {
  /** Its place in the log that it was read from, which may be another elsewhere. */
  id: number;
  /** With `seq` the identity, which survives a move: the log in which the entry was made, and its number there. */
  logId: string;
  seq: number;
  transactionId: string;
  entity: string;
  table: string;
  entityId: string | null;
  operation: string;
  /** Canonical images, JSON text. */
  before: string | null;
  after: string | null;
  /** Names of the fields that differ, JSON text. */
  fields: string | null;
  /** Id before an update that gave the row another key. */
  movedFrom: string | null;
  /** Milliseconds since 1970. */
  recordedAt: number;
  /** Null where it was recorded without one. */
  context: PortableContext | null;
  /** JSON text of the column map under which it was recorded; null where it is not of a row. */
  map: string | null;
}

/** All that makes two entries the same, in one text; the place in a log is not of it. */
export function entryText(entry: PortableEntry): string {
  const { logId, seq, transactionId, entity, table, entityId, operation, before, after, fields, movedFrom } = entry;
  const { context, recordedAt, map } = entry;
  const { actor, reason, correlationId, source, metadata } = context ?? {};
  const said = context && [actor, reason, correlationId, source, metadata];
  const row = [transactionId, entity, table, entityId, operation, before, after, fields, movedFrom, recordedAt];
  return JSON.stringify([logId, seq, ...row, said, map]);
}

export function sameEntry(a: PortableEntry, b: PortableEntry): boolean {
  return entryText(a) === entryText(b);
}

/** A digest over entries in the order of their log: equal where, and only where, all of them are the same. */
export class EntryDigest {
  private readonly hash = createHash('sha256');
  private entries = 0;

  get count(): number {
    return this.entries;
  }

  /** @param text `entryText` of the entry */
  add(text: string): void {
    // JSON text has no line break, so that none of it can pass for the end of an entry.
    this.hash.update(text).update('\n');
    this.entries += 1;
  }

  /** SHA-256, hexadecimal. */
  value(): string {
    return this.hash.copy().digest('hex');
  }
}
