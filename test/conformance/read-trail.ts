import Database from 'better-sqlite3';
import type { AuditEntry, AuditTrail } from '../../src/index';
import { type ColumnMap, type ColumnMaps, maskedProperties } from './column-map';

/** The column maps as they stand in the database, read past the library. */
export function readColumnMaps(file: string): ColumnMaps {
  const database = new Database(file, { readonly: true });
  try {
    const rows = database.prepare(`SELECT name, value FROM audit_meta WHERE name LIKE 'map:%'`).all() as {
      name: string;
      value: string;
    }[];
    return new Map(rows.map(({ name, value }) => [Number(name.slice('map:'.length)), JSON.parse(value) as ColumnMap]));
  } finally {
    database.close();
  }
}

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
