import type { DataSourceOptions } from 'typeorm';
import { serverOptionsOf } from './mssql/data-source-options';
import { busyTimeoutMs } from './sqlite/busy-timeout';
import { parseDatabaseUrl } from './url';

/**
 * TypeORM's options for a database URL.
 * @param connections of a server: kept, and at most
 * @throws InvalidDatabaseUrlError
 */
export function dataSourceOptionsOf(url: string, connections?: { min: number; max: number }): DataSourceOptions {
  const target = parseDatabaseUrl(url);
  if (target.dialect !== 'sqlite') return serverOptionsOf(target, connections);
  // The driver would ask for WAL by itself, and wait for it with the event loop stopped; capture asks for it instead.
  return { type: target.driver, database: target.database, timeout: busyTimeoutMs };
}
