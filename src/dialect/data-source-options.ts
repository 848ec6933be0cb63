import type { DataSourceOptions } from 'typeorm';
import { type ConnectionOptions, resolveConnection } from './connection-options';
import { serverOptionsOf } from './mssql/data-source-options';
import { choosePackage, typeOver } from './sqlite/choose-package';
import { busyTimeoutMs } from './sqlite/busy-timeout';
import { parseDatabaseUrl } from './url';

/**
 * TypeORM's options for a database URL.
 * @throws InvalidDatabaseUrlError, InvalidOptionError
 */
export function dataSourceOptionsOf(url: string, connection: ConnectionOptions = {}): DataSourceOptions {
  const target = parseDatabaseUrl(url);
  const resolved = resolveConnection(connection);
  if (target.dialect !== 'sqlite') return serverOptionsOf(target, resolved);
  // The driver would ask for WAL by itself, and wait for it with the event loop stopped; capture asks for it instead.
  const driver = choosePackage(target.driver);
  const timeout = driver === 'sqlite3' ? { busyTimeout: busyTimeoutMs } : { timeout: busyTimeoutMs };
  return { type: typeOver(driver), database: target.database, ...timeout };
}
