import { DataSource, type DataSourceOptions } from 'typeorm';
import type { ConnectionOptions } from './dialect/connection-options';
import { dataSourceOptionsOf } from './dialect/data-source-options';
import { serverDialectOf } from './dialect/select';
import type { AuditTrailOptions } from './options';
import { underCapture } from './under-capture';

/**
 * Options of a TypeORM DataSource, without those that the URL gives, the options of its audit trail, and how to connect to a
 * server.
 */
export type AuditDataSourceOptions = Partial<
  Pick<
    DataSourceOptions,
    | 'entities'
    | 'subscribers'
    | 'migrations'
    | 'migrationsTableName'
    | 'migrationsRun'
    | 'migrationsTransactionMode'
    | 'synchronize'
    | 'dropSchema'
    | 'logging'
    | 'logger'
    | 'maxQueryExecutionTime'
    | 'namingStrategy'
    | 'metadataTableName'
    | 'entitySkipConstructor'
    | 'entityPrefix'
    | 'cache'
  >
> & { audit?: AuditTrailOptions; connection?: ConnectionOptions };

/**
 * A DataSource for `sqlite:./file.sqlite`, `sqlite::memory:` or `mssql://user:password@host:1433/database`, not yet initialised, under capture from its first
 * statement on, migrations run by the TypeORM command line included.
 * `?driver=better-sqlite3` or `?driver=sqlite3` names the package that opens a file; without it, the one that is installed does.
 * @throws InvalidDatabaseUrlError, UnsupportedDatabaseError, InvalidOptionError
 */
export function createDataSource(url: string, options: AuditDataSourceOptions = {}): DataSource {
  const { audit, connection, ...rest } = options;
  const dataSource = new DataSource({ ...rest, ...dataSourceOptionsOf(url, connection) });
  serverDialectOf(dataSource)?.makeTypesPortable(dataSource);
  underCapture(dataSource, audit);
  return dataSource;
}
