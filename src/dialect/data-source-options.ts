import type { DataSourceOptions } from 'typeorm';
import { UnsupportedDatabaseError } from '../errors';
import { busyTimeoutMs } from './sqlite/busy-timeout';
import { parseDatabaseUrl } from './url';

/**
 * TypeORM's options for a database URL.
 * @throws InvalidDatabaseUrlError, UnsupportedDatabaseError
 */
export function dataSourceOptionsOf(url: string): DataSourceOptions {
  const target = parseDatabaseUrl(url);
  if (target.dialect !== 'sqlite') {
    throw new UnsupportedDatabaseError(`DataSources for "${target.dialect}" are not made yet.`, {
      value: target.dialect,
    });
  }
  // The driver would ask for WAL by itself, and wait for it with the event loop stopped; capture asks for it instead.
  return { type: 'better-sqlite3', database: target.database, timeout: busyTimeoutMs };
}
