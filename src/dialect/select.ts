import type { DataSource } from 'typeorm';
import { UnsupportedDatabaseError } from '../errors';
import type { Dialect } from './dialect';
import { mssqlDialect } from './mssql/dialect';
import type { ServerDialect } from './server-dialect';
import { sqlite3Dialect, sqliteDialect } from './sqlite/dialect';

/** @throws UnsupportedDatabaseError where there is no dialect for the type of this DataSource. */
export function dialectOf(dataSource: DataSource): Dialect {
  const { type } = dataSource.options;
  if (type === 'better-sqlite3') return sqliteDialect;
  // TypeORM 1.x has no such type, 0.3 does.
  if ((type as string) === 'sqlite') return sqlite3Dialect;
  throw new UnsupportedDatabaseError(`There is no audit trail for DataSources of type "${type}" yet.`, { value: type });
}

/** Undefined where the database is not one on a server. */
export function serverDialectOf(dataSource: DataSource): ServerDialect | undefined {
  return dataSource.options.type === 'mssql' ? mssqlDialect : undefined;
}
