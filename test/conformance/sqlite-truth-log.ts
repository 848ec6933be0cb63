import { parseCounts, type ChangeCounts } from '../../src/testing/oracle/true-changes';
import { column, openSqlite, type SqliteFile } from '../support/sqlite';

const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`;
const quoteText = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/**
 * Counts row changes by triggers in the application's own schema: another place, and another test of equality (the text
 * of the literal, the class, the bytes), than the library's. REPLACE's deletes fire no such trigger.
 */
export function installTruthLog(file: string): void {
  const database = openWithoutFsync(file);
  try {
    const tables = column(
      database,
      `SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'`,
    ) as string[];
    database.exec('CREATE TABLE truth_log (change TEXT)');
    for (const [index, table] of tables.entries()) {
      const columns = column(database, `SELECT name FROM pragma_table_xinfo(?) WHERE hidden <> 1`, table) as string[];
      for (const [kind, event] of Object.entries({ I: 'INSERT', U: 'UPDATE', D: 'DELETE' })) {
        const when = kind === 'U' ? `WHEN ${largest(columns.map(differs))}` : '';
        database.exec(
          `CREATE TRIGGER truth_${index}_${kind} AFTER ${event} ON ${quote(table)} ${when}
          BEGIN INSERT INTO truth_log VALUES (${quoteText(`${table}.${kind}`)}); END`,
        );
      }
    }
  } finally {
    database.close();
  }
}

/** Nested as little as can be: SQLite before 3.46 reads no hundred brackets deep. */
function largest(terms: readonly string[]): string {
  if (terms.length === 1) return terms[0]!;
  const half = terms.length >> 1;
  return `max(${largest(terms.slice(0, half))}, ${largest(terms.slice(half))})`;
}

function openWithoutFsync(file: string): SqliteFile {
  const database = openSqlite(file);
  database.exec('PRAGMA synchronous = OFF');
  return database;
}

function differs(column: string): string {
  const [was, is] = ['OLD', 'NEW'].map((image) => {
    const value = `${image}.${quote(column)}`;
    return `typeof(${value}) || quote(${value}) || hex(${value})`;
  });
  return `(${was} <> ${is})`;
}

/** Takes what was logged since the last call. */
export function readTruthLog(file: string): ChangeCounts {
  const database = openWithoutFsync(file);
  try {
    const rows = column(database, 'DELETE FROM truth_log RETURNING change') as string[];
    return rows.map((row) => parseCounts(row)).reduce((sum, one) => merge(sum, one), new Map<string, number>());
  } finally {
    database.close();
  }
}

function merge(sum: ChangeCounts, one: ChangeCounts): ChangeCounts {
  for (const [name, count] of one) sum.set(name, (sum.get(name) ?? 0) + count);
  return sum;
}
