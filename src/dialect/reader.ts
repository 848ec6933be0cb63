import type { Engine } from './engine';
import type { TrailCheckSql } from './check-sql';
import type { StoreSql } from './store-sql';

/** What another thread needs to open a connection of its own that only reads. Plain data, so that it can be sent there. */
export interface ReaderTarget {
  /** Path of the driver's module: the one that the writing connection has, never another copy of it. */
  driver: string;
  /** Absolute path of the database. */
  file: string;
  nativeBinding: string | undefined;
  key: string | undefined;
  /** Longest wait for another process's lock. */
  busyTimeoutMs: number;
}

/** How to open a connection of this thread that only reads, and whose answers come later. */
export interface LateTarget {
  /** @throws the driver's error where the file can't be opened or read */
  open(): Promise<LateConnection>;
}

export interface LateConnection {
  readonly storeSql: StoreSql;
  readonly checkSql: TrailCheckSql;
  /** @param signal ends the statement @throws the signal's reason, the driver's error */
  query(
    this: void,
    sql: string,
    parameters?: readonly unknown[],
    signal?: AbortSignal,
  ): Promise<Record<string, unknown>[]>;
  /** When nothing runs. */
  close(): Promise<void>;
}

/** A connection that only reads, with SQL whose statements can be ended. */
export interface ReadConnection {
  readonly engine: Engine;
  readonly storeSql: StoreSql;
  readonly checkSql: TrailCheckSql;
  /** Statements throw a ReadTimeoutError at their first row after `timeoutMs` from now. */
  endAfter(this: void, timeoutMs: number): void;
}
