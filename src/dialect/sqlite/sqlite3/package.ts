/**
 * What is used of the package sqlite3. Its own declarations would be needed by everybody who compiles against this
 * library, whatever driver they have.
 */
export interface Sqlite3 {
  readonly OPEN_READONLY: number;
  readonly Database: new (file: string, mode: number, callback: Callback) => Sqlite3Database;
}

export type Callback<T = unknown> = (error: Error | null, result?: T) => void;

/** A connection: each statement runs in a thread of libuv's pool, and calls back. */
export interface Sqlite3Database {
  prepare(sql: string, callback: Callback): Sqlite3Statement;
  all(sql: string, parameters: unknown, callback: Callback<unknown[]>): void;
  exec(sql: string, callback: Callback): void;
  /** Copies the main database into a file, or a file into it. */
  backup(
    file: string,
    destination: string,
    source: string,
    isFileDestination: boolean,
    callback: Callback,
  ): Sqlite3Backup;
  loadExtension(path: string, callback: Callback): void;
  configure(option: 'busyTimeout', value: number): void;
  /** Ends the statement that runs, with an error. */
  interrupt(): void;
  close(callback: Callback): void;
}

export interface Sqlite3Statement {
  /** `this` of the callback says what it did. */
  run(parameters: unknown, callback: (this: RunInfo, error: Error | null) => void): void;
  all(parameters: unknown, callback: Callback<Record<string, unknown>[]>): void;
  reset(callback: Callback): void;
  finalize(callback: Callback): void;
}

export interface RunInfo {
  lastID: number;
  changes: number;
}

export interface Sqlite3Backup {
  step(pages: number, callback: Callback<boolean>): void;
  finish(callback: Callback): void;
}

/** The package, once it is loaded from a path. */
export function asPackage(loaded: unknown): Sqlite3 {
  return loaded as Sqlite3;
}
