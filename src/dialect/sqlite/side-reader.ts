import type BetterSqlite3 from 'better-sqlite3';
import type { DataSource } from 'typeorm';
import type { Engine } from '../engine';
import type { SideReader } from '../side-reader';
import { busyTimeoutMs } from './busy-timeout';
import { SqliteEngine } from './engine';

/** TypeORM's driver: the class that it has loaded, and the options it opens a file with. */
interface DriverSeam {
  sqlite: typeof BetterSqlite3;
  options: {
    nativeBinding?: string;
    key?: string;
    verbose?: BetterSqlite3.Options['verbose'];
    prepareDatabase?: (database: BetterSqlite3.Database) => void | Promise<void>;
  };
}

/**
 * Opens the file of a DataSource once more, read-only, prepared by the application as the first connection was.
 * @throws what the driver or `prepareDatabase` throws; the connection is closed then
 */
export async function openSqliteSideReader(dataSource: DataSource, writer: Engine): Promise<SideReader> {
  const { sqlite: Database, options } = dataSource.driver as unknown as DriverSeam;
  const { nativeBinding, key, verbose, prepareDatabase } = options;
  const file = writer.scalar(`SELECT file FROM pragma_database_list WHERE name = 'main'`) as string;
  const database = new Database(file, {
    readonly: true,
    timeout: busyTimeoutMs,
    ...(nativeBinding && { nativeBinding }),
    ...(verbose && { verbose }),
  });
  try {
    if (key) database.pragma(`key = ${JSON.stringify(key)}`);
    await prepareDatabase?.(database);
    database.pragma(`busy_timeout = ${busyTimeoutMs}`);
    return new SqliteSideReader(database, writer);
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Plain queries. EXPLAIN shows triggers, which are the writing connection's. */
const query = /^(?:\s+|--[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/|;)*(?:SELECT|VALUES|WITH)\b/i;
/** What can be about the connection that is asked instead of the database; a column of such a name merely waits. */
const aboutConnection = /\b(?:changes|total_changes|last_insert_rowid)\b|\bpragma_|\bsqlite_temp_|\btemp["'`\]]?\s*\./i;
/** Settings of a connection that change what a query gives. */
const decisiveSetting =
  /\bPRAGMA\s+(?:\w+\s*\.\s*)?(?:case_sensitive_like|short_column_names|full_column_names|trusted_schema|writable_schema|read_uncommitted)\b/i;

const remembered = 256;

class SqliteSideReader implements SideReader {
  private readonly engine: SqliteEngine;
  /** Whether a statement can be asked here; what failed here once is left to the writing connection. */
  private readonly answers = new Map<string, boolean>();
  /** Names of TEMP tables and views of the writing connection, which hide those of the database. */
  private temporary: readonly string[] = [];
  private isStale = true;
  private isSetDifferently = false;

  constructor(
    private readonly database: BetterSqlite3.Database,
    private readonly writer: Engine,
  ) {
    this.engine = new SqliteEngine(database);
  }

  read(sql: string, parameters: readonly unknown[]): unknown[] | undefined {
    if (!this.database.open) return undefined;
    let canAnswer = this.answers.get(sql);
    if (canAnswer === undefined) this.remember(sql, (canAnswer = this.isAnswered(sql)));
    if (!canAnswer) return undefined;
    try {
      return this.engine.execute(sql, parameters).rows;
    } catch (error) {
      // A table, function or collation that is not known here, or a mistake, which the other connection reports.
      if (!this.engine.isBusy(error)) this.remember(sql, false);
      return undefined;
    }
  }

  reconsider(sql: string): void {
    if (decisiveSetting.test(sql)) this.isSetDifferently = true;
    this.isStale = true;
    this.answers.clear();
  }

  close(): void {
    this.database.close();
  }

  private isAnswered(sql: string): boolean {
    if (this.isSetDifferently || !query.test(sql) || aboutConnection.test(sql)) return false;
    if (this.isStale) this.readTemporary();
    const text = sql.toLowerCase();
    return !this.temporary.some((name) => text.includes(name));
  }

  private readTemporary(): void {
    const { rows } = this.writer.execute(
      `SELECT name FROM sqlite_temp_master WHERE type IN ('table', 'view') AND name NOT LIKE 'audit\\_trail\\_%' ESCAPE '\\'`,
    );
    // A name that has to be written with its quotes doubled is found by what is in front of them.
    const names = (rows as { name: string }[]).map(({ name }) => name.toLowerCase().split(/["'`\]]/)[0]!);
    // What an open transaction has dropped is still there for everybody else, and what it has made may go again.
    this.isStale = this.writer.inTransaction;
    this.temporary = this.isStale ? [...new Set([...this.temporary, ...names])] : names;
  }

  private remember(sql: string, canAnswer: boolean): void {
    this.answers.set(sql, canAnswer);
    if (this.answers.size > remembered) this.answers.delete(this.answers.keys().next().value as string);
  }
}
