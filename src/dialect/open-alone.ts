import type { AloneDatabase, AloneOptions } from './alone-database';
import { mssqlDialect } from './mssql/dialect';
import { openServerAlone } from './mssql/open-alone';
import { choosePackage } from './sqlite/choose-package';
import { sqlite3Dialect, sqliteDialect } from './sqlite/dialect';
import { openFileAlone, spaceOf } from './sqlite/open-alone';
import { parseDatabaseUrl } from './url';

/**
 * Opens a database for the caller alone, and says who has it open beside it. Of a file nobody else can get at it until it
 * is closed, unless somebody has it open already. On a server, whoever comes later is not kept away.
 * @throws InvalidDatabaseUrlError, and what the driver throws
 */
export async function openAlone(url: string, options: AloneOptions = {}): Promise<AloneDatabase> {
  const target = parseDatabaseUrl(url);
  if (target.dialect === 'sqlite') {
    const driver = choosePackage(target.driver);
    const dialect = driver === 'sqlite3' ? sqlite3Dialect : sqliteDialect;
    const { dataSource, company } = await openFileAlone(target.database, driver, options);
    const engine = dialect.engineOf(dataSource);
    return {
      kind: 'outbox',
      dataSource,
      dialect,
      engine,
      company,
      space: () => spaceOf(target.database),
    };
  }
  const { dataSource, company } = await openServerAlone(target, options);
  return { kind: 'server', dataSource, dialect: mssqlDialect, company };
}
