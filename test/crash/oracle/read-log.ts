import { column, type SqliteFile } from '../../support/sqlite';
import type { RawEntry } from './entry';

interface EntryRow extends Omit<RawEntry, 'before' | 'after' | 'fields'> {
  before: string | null;
  after: string | null;
  fields: string;
}

/** Entries straight from the tables, oldest first. */
export function readEntries(database: SqliteFile, afterId: number): RawEntry[] {
  const rows = database.all(
    `SELECT e.id, e.table_name AS "table", e.operation, e.transaction_id AS transactionId, c.actor, c.reason,
        c.correlation_id AS correlationId, c.source, e.before_image AS before, e.after_image AS after,
        e.changed_fields AS fields
      FROM audit_entry e LEFT JOIN audit_context c ON c.id = e.context_id WHERE e.id > ? ORDER BY e.id`,
    afterId,
  ) as unknown as EntryRow[];
  return rows.map((row) => ({
    ...row,
    before: parse<Record<string, unknown>>(row.before),
    after: parse<Record<string, unknown>>(row.after),
    fields: parse<string[]>(row.fields) ?? [],
  }));
}

export function countPending(database: SqliteFile): number {
  return count(database, 'SELECT count(*) FROM audit_outbox');
}

/** How many entries there are up to an id: those of earlier checks must all be there still. */
export function countEntries(database: SqliteFile, upToId: number): number {
  return count(database, 'SELECT count(*) FROM audit_entry WHERE id <= ?', upToId);
}

/** Every roll-up must equal a full count of the log. */
export function compareRollups(database: SqliteFile): string[] {
  const counted: Record<string, string> = {
    total: `SELECT '' AS bucket, entity, operation, '' AS actor, count(*) AS entries FROM audit_entry GROUP BY entity, operation`,
    hour: byTime(`strftime('%Y-%m-%dT%H', recorded_at / 1000, 'unixepoch')`),
    day: byTime(`strftime('%Y-%m-%d', recorded_at / 1000, 'unixepoch')`),
    'two-months': `SELECT strftime('%Y-%m', recorded_at / 1000, 'unixepoch', 'start of month', later) AS bucket, '' AS entity,
      '' AS operation, actor, count(*) AS entries FROM audit_entry, (SELECT '+0 month' AS later UNION ALL SELECT '+1 month')
      WHERE actor IS NOT NULL GROUP BY 1, actor`,
    'every-minute': span(`strftime('%Y-%m-%dT%H:%M', recorded_at / 1000, 'unixepoch')`),
    'every-hour': span(`strftime('%Y-%m-%dT%H', recorded_at / 1000, 'unixepoch')`),
  };
  return Object.entries(counted).flatMap(([period, full]) => {
    const ids = period.startsWith('every-') ? ', first_id, last_id' : '';
    const kept = `SELECT bucket, entity, operation, actor, entries${ids} FROM audit_rollup WHERE period = '${period}'`;
    const differences = [...exceptOf(database, kept, full), ...exceptOf(database, full, kept)];
    return differences.map((row) => `roll-up and count by ${period} differ: ${JSON.stringify(row)}`);
  });
}

function byTime(bucket: string): string {
  return `SELECT ${bucket} AS bucket, entity, operation, '' AS actor, count(*) AS entries FROM audit_entry
    GROUP BY 1, entity, operation`;
}

function span(bucket: string): string {
  return `SELECT ${bucket} AS bucket, '' AS entity, '' AS operation, '' AS actor, count(*) AS entries, min(id), max(id)
    FROM audit_entry GROUP BY 1`;
}

function exceptOf(database: SqliteFile, a: string, b: string): unknown[] {
  return database.all(`SELECT * FROM (${a}) EXCEPT SELECT * FROM (${b})`);
}

function count(database: SqliteFile, sql: string, ...values: unknown[]): number {
  return column(database, sql, ...values)[0] as number;
}

function parse<T>(json: string | null): T | null {
  return json === null ? null : (JSON.parse(json) as T);
}
