import Database from 'better-sqlite3';
import { compareRollups } from '../../../test/crash/oracle/read-log';

/** Compares the roll-ups of a log with a full count of its entries. @returns what differs */
export function checkLog(file: string): string[] {
  const database = new Database(file, { readonly: true });
  database.pragma('temp_store = MEMORY');
  try {
    // Read once and counted often: a temporary table of the same name comes before the log, and has no images.
    database.exec(
      `CREATE TEMP TABLE audit_entry AS SELECT id, entity, operation, actor, recorded_at FROM main.audit_entry`,
    );
    return compareRollups(database);
  } finally {
    database.close();
  }
}

/** Entries of a log, by operation, counted one by one. */
export function countLog(file: string): Record<string, number> {
  const database = new Database(file, { readonly: true });
  try {
    const rows = database.prepare('SELECT operation, count(*) FROM audit_entry GROUP BY operation').raw().all();
    return Object.fromEntries(rows as [string, number][]);
  } finally {
    database.close();
  }
}
