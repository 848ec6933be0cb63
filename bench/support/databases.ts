import type { Database } from 'better-sqlite3';
import type { DataSource, DataSourceOptions } from 'typeorm';
import { entities } from './entities';

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
  return { type: 'better-sqlite3', database: file, entities, synchronize: true, prepareDatabase: setPragmas };
}

export function setPragmas(database: Database): void {
  for (const pragma of pragmas) database.pragma(pragma);
}

/** Equal for connections that are set up alike. */
export function pragmasOf(database: Database): string {
  return compared.map((name) => `${name}=${String(database.pragma(name, { simple: true }))}`).join(' ');
}

/** The driver's connection, below TypeORM: for what is no part of a measurement. */
export function handleOf(dataSource: DataSource): Database {
  return (dataSource.driver as unknown as { databaseConnection: Database }).databaseConnection;
}
