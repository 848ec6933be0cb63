import type { DataSourceOptions } from 'typeorm';
import { UnsupportedDatabaseError } from '../errors';
import { parseDatabaseUrl } from './url';

/**
 * TypeORM's options for a database URL.
 * @throws InvalidDatabaseUrlError, UnsupportedDatabaseError
 */
export function dataSourceOptionsOf(url: string): DataSourceOptions {
  const target = parseDatabaseUrl(url);
  if (target.dialect !== 'sqlite') {
    throw new UnsupportedDatabaseError(`DataSources for "${target.dialect}" are not made yet.`, { value: target.dialect });
  }
  const { database } = target;
  return { type: 'better-sqlite3', database, enableWAL: database !== ':memory:' };
}
