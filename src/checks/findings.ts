import type { KeyedTable } from '../dialect/check-sql';
import type { Difference, DifferenceKind } from '../reports';
import type { Finding } from './compare-row';

/** What one chunk found. */
export interface FindingChunk<Place> {
  /** Rows looked at, for the progress. */
  rows: number;
  findings: Finding[];
  /** The table that they are of. */
  keyed: KeyedTable;
  /** Where the next chunk begins; undefined at the end. */
  next: Place | undefined;
}

/** Counts what is found, and keeps the first of it: a table that was replaced as a whole would not fit into memory. */
export class Findings {
  readonly counts: Record<DifferenceKind, number> = { changed: 0, added: 0, missing: 0, unknown: 0 };
  readonly listed: Difference[] = [];
  total = 0;

  constructor(readonly limit: number) {}

  add(findings: readonly Difference[]): void {
    for (const { kind, table, entity, entityId, fields } of findings) {
      this.counts[kind] += 1;
      this.total += 1;
      if (this.listed.length < this.limit) this.listed.push({ kind, table, entity, entityId, fields });
    }
  }
}
