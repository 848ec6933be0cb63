import { createRequire } from 'node:module';
import type BetterSqlite3 from 'better-sqlite3';
import { SleepingSqlite3 } from './sleeping-sqlite3';

/** A connection to a database file, past the library: each call is done when it returns. */
export interface SqliteFile {
  exec(sql: string): void;
  /** INTEGERs are as exact as a number is. */
  all(sql: string, ...values: unknown[]): Record<string, unknown>[];
  close(): void;
}

/** The package that is installed: that of a combination, and the first one where there are several. */
export const sqlitePackage = isInstalled('better-sqlite3') ? 'better-sqlite3' : 'sqlite3';

/** TypeORM's type of a DataSource over it, which not every TypeORM knows. */
export const sqliteType = (sqlitePackage === 'sqlite3' ? 'sqlite' : sqlitePackage) as 'better-sqlite3';

/** Opens a file with the very package that the library uses, since two builds of SQLite in a process drop each other's locks. */
export function openSqlite(file: string, options: { readonly?: boolean; timeoutMs?: number } = {}): SqliteFile {
  const { readonly = false, timeoutMs = 5_000 } = options;
  if (sqlitePackage === 'sqlite3') return new SleepingSqlite3(file, readonly, timeoutMs);
  const Database = createRequire(__filename)('better-sqlite3') as typeof BetterSqlite3;
  const database = new Database(file, { readonly, timeout: timeoutMs });
  return {
    exec: (sql) => void database.exec(sql),
    all: (sql, ...values) => {
      const statement = database.prepare(sql);
      if (statement.reader) return statement.all(...values) as Record<string, unknown>[];
      statement.run(...values);
      return [];
    },
    close: () => void database.close(),
  };
}

/** First column of each row. */
export function column(database: SqliteFile, sql: string, ...values: unknown[]): unknown[] {
  return database.all(sql, ...values).map((row) => Object.values(row)[0]);
}

/** Rows of a table with every INTEGER as bigint. */
export function storedRows(database: SqliteFile, table: string): Record<string, unknown>[] {
  const columns = column(database, 'SELECT name FROM pragma_table_xinfo(?) WHERE hidden <> 1', table) as string[];
  const values = columns.map((name, index) => {
    const value = `"${name.replaceAll('"', '""')}"`;
    return `typeof(${value}) AS t${index}, CASE typeof(${value}) WHEN 'integer' THEN CAST(${value} AS TEXT) ELSE ${value} END AS v${index}`;
  });
  return database.all(`SELECT ${values.join(', ')} FROM "${table.replaceAll('"', '""')}"`).map((row) => {
    const value = (index: number) => {
      const found = row[`v${index}`];
      return row[`t${index}`] === 'integer' ? BigInt(found as string) : found;
    };
    return Object.fromEntries(columns.map((name, index) => [name, value(index)]));
  });
}

function isInstalled(name: string): boolean {
  try {
    createRequire(__filename).resolve(name);
    return true;
  } catch {
    return false;
  }
}
