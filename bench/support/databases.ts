import type { Database } from 'better-sqlite3';
import type { DataSource, DataSourceOptions } from 'typeorm';
import { sqlitePackage, sqliteType } from '../../test/support/sqlite';
import { entities } from './entities';
import { first, type Handle, handleOf } from './handle';

/** Those of every contestant, so that only what is compared differs. */
const pragmas = ['journal_mode = WAL', 'synchronous = NORMAL', 'foreign_keys = ON', 'temp_store = MEMORY'];
const compared = [
  'journal_mode',
  'synchronous',
  'foreign_keys',
  'temp_store',
  'cache_size',
  'page_size',
  'wal_autocheckpoint',
];

/** What `new DataSource` takes for a file with the tables of `entities.ts`; this module loads nothing of the library. */
export function optionsOf(file: string): DataSourceOptions {
  const options = { type: sqliteType, database: file, entities, synchronize: true };
  return sqlitePackage === 'sqlite3' ? options : { ...options, prepareDatabase: setPragmas };
}

export function setPragmas(database: Database): void {
  for (const pragma of pragmas) database.pragma(pragma);
}

/** The pragmas of a connection, where TypeORM has no place for them before it is opened. */
export async function prepared(dataSource: DataSource): Promise<Handle> {
  const handle = handleOf(dataSource);
  if (sqlitePackage === 'sqlite3') await preparedHandle(handle);
  return handle;
}

export async function preparedHandle(handle: Handle): Promise<void> {
  for (const pragma of pragmas) await handle.exec(`PRAGMA ${pragma}`);
}

/** Equal for connections that are set up alike. */
export async function pragmasOf(handle: Handle): Promise<string> {
  const values: string[] = [];
  for (const name of compared) values.push(`${name}=${String(await first(handle, `PRAGMA ${name}`))}`);
  return values.join(' ');
}
