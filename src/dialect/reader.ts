import type { Engine } from './engine';
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

/** A connection that only reads, with SQL whose statements can be ended. */
export interface ReadConnection {
  readonly engine: Engine;
  readonly storeSql: StoreSql;
  /** Statements throw a ReadTimeoutError at their first row after `timeoutMs` from now. */
  endAfter(this: void, timeoutMs: number): void;
}
