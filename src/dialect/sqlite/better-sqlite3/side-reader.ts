import type BetterSqlite3 from 'better-sqlite3';
import type { DataSource } from 'typeorm';
import type { Engine } from '../../engine';
import type { SideReader } from '../../side-reader';
import { busyTimeoutMs } from '../busy-timeout';
import { mainFile } from '../file-driver';
import { SideQuestions } from '../side-questions';
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
  const file = writer.scalar(mainFile) as string;
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

class SqliteSideReader implements SideReader {
  private readonly engine: SqliteEngine;
  private readonly questions: SideQuestions;

  constructor(
    private readonly database: BetterSqlite3.Database,
    writer: Engine,
  ) {
    this.engine = new SqliteEngine(database);
    this.questions = new SideQuestions(writer);
  }

  read(sql: string, parameters: readonly unknown[]): unknown[] | undefined {
    if (!this.database.open || !this.questions.canAsk(sql)) return undefined;
    try {
      return this.engine.run(sql, parameters).rows;
    } catch (error) {
      if (!this.engine.isBusy(error)) this.questions.failed(sql);
      return undefined;
    }
  }

  reconsider(sql: string): void {
    this.questions.reconsider(sql);
  }

  close(): void {
    this.database.close();
  }
}
