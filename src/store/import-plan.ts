import { LogConflictError } from '../errors';
import { entryText, type PortableEntry } from '../model/portable-entry';

/**
 * The place that entries from elsewhere get in a log. Either keeps their order; numbers are never used twice.
 * - `keep`: the one they had, where it lies behind all others, for a log that moves · `append`: the next ones
 */
export type Places = 'keep' | 'append';

export interface ImportResult {
  /** Entries that were written. */
  imported: number;
  /** Entries that were there already, the same in all they say. */
  known: number;
}

/** A stretch of the numbers of one log. */
export interface IdentityRange {
  logId: string;
  first: number;
  last: number;
}

/** The stretches in which the identities of the entries lie. */
export function identityRanges(entries: readonly PortableEntry[]): IdentityRange[] {
  const ranges: IdentityRange[] = [];
  const sorted = [...entries].sort((a, b) => (a.logId === b.logId ? a.seq - b.seq : a.logId < b.logId ? -1 : 1));
  for (const { logId, seq } of sorted) {
    const range = ranges.at(-1);
    // What lies in a small gap is read for nothing; that is cheaper than a query more.
    if (range?.logId === logId && seq - range.last <= entries.length) range.last = seq;
    else ranges.push({ logId, first: seq, last: seq });
  }
  return ranges;
}

/**
 * Those of the entries that are not there yet.
 * @param there entries of the same identities, and perhaps of others
 * @throws LogConflictError where one is there with another content, or twice among the entries
 */
export function newEntries(entries: readonly PortableEntry[], there: readonly PortableEntry[]): PortableEntry[] {
  const known = new Map(there.map((entry) => [identityText(entry), entry]));
  return entries.filter((entry) => {
    const identity = identityText(entry);
    const same = known.get(identity);
    known.set(identity, entry);
    if (!same) return true;
    if (entryText(same) === entryText(entry)) return false;
    throw new LogConflictError(
      `Entry ${entry.seq} of log ${entry.logId} is there already, and says something else: "${entry.entity}" ${entry.entityId ?? ''}.`,
      { value: identity },
    );
  });
}

export function identityText({ logId, seq }: Pick<PortableEntry, 'logId' | 'seq'>): string {
  return `${logId}/${seq}`;
}
