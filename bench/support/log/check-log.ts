import { compareRollups } from '../../../test/crash/oracle/read-log';
import { openSqlite } from '../../../test/support/sqlite';

/** Compares the roll-ups of a log with a full count of its entries. @returns what differs */
export function checkLog(file: string): string[] {
  const database = openSqlite(file, { readonly: true });
  database.exec('PRAGMA temp_store = MEMORY');
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
  const database = openSqlite(file, { readonly: true });
  try {
    const rows = database.all('SELECT operation, count(*) AS entries FROM audit_entry GROUP BY operation');
    return Object.fromEntries(rows.map(({ operation, entries }) => [operation as string, entries as number]));
  } finally {
    database.close();
  }
}
