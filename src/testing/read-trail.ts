import type { AuditEntry, AuditTrail } from '../index';
import { type ColumnMaps, maskedProperties } from './oracle/column-map';

/** Entries behind `afterId` in the order of the log, by the public way to read them, with nothing masked. */
export async function readEntries(trail: AuditTrail, maps: ColumnMaps, afterId: number): Promise<AuditEntry[]> {
  const newestFirst: AuditEntry[] = [];
  const reveal = maskedProperties(maps);
  let cursor: string | undefined;
  do {
    const page = await trail.recent({ limit: 500, reveal, ...(cursor !== undefined && { cursor }) });
    newestFirst.push(...page.entries);
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined && newestFirst.at(-1)!.id > afterId);
  return newestFirst.filter(({ id }) => id > afterId).reverse();
}
