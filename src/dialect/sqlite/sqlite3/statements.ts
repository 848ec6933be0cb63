import { classify } from '../classify';
import type { Callback, RunInfo, Sqlite3Database, Sqlite3Statement } from './package';

const cacheSize = 256;

/** Prepared statements of one connection, by their text; each runs to its end before the next one is asked for. */
export class Statements {
  private readonly prepared = new Map<string, Sqlite3Statement>();

  constructor(private readonly database: Sqlite3Database) {}

  async all(sql: string, parameters: unknown): Promise<Record<string, unknown>[]> {
    const statement = await this.find(sql, parameters);
    const rows = await called<Record<string, unknown>[]>((done) => statement.all(parameters, done));
    // SQLite counts it as active after its last row.
    if (/\bEXPLAIN\b/i.test(sql)) await called((done) => statement.reset(done));
    return rows ?? [];
  }

  async run(sql: string, parameters: unknown): Promise<RunInfo> {
    const statement = await this.find(sql, parameters);
    const info = await new Promise<RunInfo>((resolve, reject) =>
      statement.run(parameters, function (error) {
        if (error) reject(error);
        else resolve({ lastID: this.lastID, changes: this.changes });
      }),
    );
    if (mayHaveRowsLeft(sql)) await called((done) => statement.reset(done));
    return info;
  }

  async finalize(): Promise<void> {
    for (const statement of this.prepared.values()) await called((done) => statement.finalize(done));
    this.prepared.clear();
  }

  private async find(sql: string, parameters: unknown): Promise<Sqlite3Statement> {
    // One without values keeps those that it was last given.
    const key = `${Object.keys(parameters ?? {}).length} ${sql}`;
    const known = this.prepared.get(key);
    if (known) return known;
    const statement = await new Promise<Sqlite3Statement>((resolve, reject) => {
      const made = this.database.prepare(sql, (error) => (error ? reject(error) : resolve(made)));
    });
    this.prepared.set(key, statement);
    if (this.prepared.size > cacheSize) {
      const [oldest] = this.prepared.entries().next().value!;
      const unused = this.prepared.get(oldest)!;
      this.prepared.delete(oldest);
      await called((done) => unused.finalize(done));
    }
    return statement;
  }
}

/** One step was run: a statement with another row stands in the way of COMMIT, and keeps what it reads as it was. */
function mayHaveRowsLeft(sql: string): boolean {
  const kind = classify(sql);
  return kind === 'read' || kind === 'bare' || /\bRETURNING\b/i.test(sql);
}

/** What a call of the package gives to its callback. */
export function called<T>(call: (callback: Callback<T>) => void): Promise<T | undefined> {
  return new Promise((resolve, reject) => call((error, result) => (error ? reject(error) : resolve(result))));
}
