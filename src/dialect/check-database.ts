import { DataSource, type DataSourceOptions } from 'typeorm';
import { UnsupportedDatabaseError } from '../errors';
import type { CheckStep } from '../reports';
import { CheckSteps } from './check-steps';
import { checkServer } from './mssql/check-server';
import { checkFile, type FileOptions } from './sqlite/check-file';
import { choosePackage, typeOver } from './sqlite/choose-package';
import { parseDatabaseUrl } from './url';

/** What a database is asked to show, and its name for people, without a user or a password. */
export interface CheckedDatabase {
  name: string;
  steps: CheckStep[];
}

/**
 * Looks at the database of a URL, or at that of a DataSource, which is not used itself.
 * @throws InvalidDatabaseUrlError, UnsupportedDatabaseError
 */
export async function checkDatabaseSteps(target: string | DataSource): Promise<CheckedDatabase> {
  const options = target instanceof DataSource ? target.options : optionsOf(target);
  // Nothing of the application's runs, and nothing of its schema changes.
  const bare = {
    entities: [],
    subscribers: [],
    migrations: [],
    synchronize: false,
    dropSchema: false,
    migrationsRun: false,
    logging: false,
    cache: false,
  } satisfies Partial<DataSourceOptions>;
  const steps = new CheckSteps();
  if (isFile(options)) {
    await checkFile({ ...options, ...bare }, steps);
    return { name: options.database, steps: steps.steps };
  }
  if (options.type === 'mssql') {
    await checkServer({ ...options, ...bare }, steps);
    return { name: [options.host, options.database].filter(Boolean).join('/'), steps: steps.steps };
  }
  throw new UnsupportedDatabaseError(`There is nothing to check for DataSources of type "${options.type}".`, {
    value: options.type,
  });
}

/** TypeORM 1.x knows the first type alone. */
function isFile(options: DataSourceOptions): options is FileOptions {
  return options.type === 'better-sqlite3' || (options.type as string) === 'sqlite';
}

function optionsOf(url: string): DataSourceOptions {
  const target = parseDatabaseUrl(url);
  if (target.dialect === 'sqlite') return { type: typeOver(choosePackage(target.driver)), database: target.database };
  const { host, port, database, username, password, encrypt, trustServerCertificate } = target;
  return {
    type: 'mssql',
    host,
    port,
    database,
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    options: { encrypt, trustServerCertificate },
  };
}
