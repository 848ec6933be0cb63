import type { Callback, Sqlite3, Sqlite3Database } from './package';
import { readingThreads } from './pool-threads';
import { called, Statements } from './statements';

export interface ReadingTarget {
  package: Sqlite3;
  /** Absolute path of the database. */
  file: string;
  key: string | undefined;
  /** Longest wait for another process's lock. */
  busyTimeoutMs: number;
}

/** How often a statement is told to end until it does: one that is about to begin does not hear it. */
const tellAgainMs = 20;

/** A connection that only reads, and leaves the event loop free; one statement at a time. */
export class ReadingConnection {
  private readonly statements: Statements;

  private constructor(private readonly database: Sqlite3Database) {
    this.statements = new Statements(database);
  }

  /** @throws the driver's error where the file can't be opened or read */
  static async open({ package: Package, file, key, busyTimeoutMs }: ReadingTarget): Promise<ReadingConnection> {
    const database = await new Promise<Sqlite3Database>((resolve, reject) => {
      const done: Callback = (error) => (error ? reject(error) : resolve(made));
      const made = new Package.Database(file, Package.OPEN_READONLY, done);
    });
    const connection = new ReadingConnection(database);
    try {
      database.configure('busyTimeout', busyTimeoutMs);
      if (key !== undefined) await connection.query(`PRAGMA key = ${JSON.stringify(key)}`);
      // A file that is no database, or one behind a key of its own, shows at the first look.
      await connection.query('SELECT count(*) FROM sqlite_master');
      return connection;
    } catch (error) {
      await connection.close();
      throw error;
    }
  }

  /** @param signal ends it @throws the signal's reason, the driver's error */
  async query(sql: string, parameters: unknown = [], signal?: AbortSignal): Promise<Record<string, unknown>[]> {
    await readingThreads.take(signal);
    let telling: NodeJS.Timeout | undefined;
    const end = (): void => {
      this.database.interrupt();
      telling = setInterval(() => this.database.interrupt(), tellAgainMs);
    };
    signal?.addEventListener('abort', end, { once: true });
    try {
      return await this.statements.all(sql, parameters);
    } catch (error) {
      throw signal?.aborted ? (signal.reason as Error) : error;
    } finally {
      clearInterval(telling);
      signal?.removeEventListener('abort', end);
      readingThreads.release();
    }
  }

  async close(): Promise<void> {
    await this.statements.finalize();
    await called((done) => this.database.close(done));
  }
}
