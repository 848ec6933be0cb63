import type { Database } from 'better-sqlite3';
import type { DataSource } from 'typeorm';
import { bindNumbers } from '../bound-numbers';
import type { FileDriver } from '../file-driver';
import { SqliteEngine } from './engine';
import { sqliteReaderTarget } from './reader';
import { openSqliteSideReader } from './side-reader';

/** The package better-sqlite3, whose statements run at once. */
export const betterSqlite3: FileDriver = {
  packageName: 'better-sqlite3',
  engineOf: (dataSource: DataSource) =>
    new SqliteEngine((dataSource.driver as unknown as { databaseConnection: Database }).databaseConnection),
  adopt: () => Promise.resolve(),
  tune: (dataSource) => bindNumbers(dataSource.driver),
  readerTarget: sqliteReaderTarget,
  openSideReader: async (dataSource, engine, journalMode) =>
    engine.isInMemory || journalMode !== 'wal' ? undefined : openSqliteSideReader(dataSource, engine),
};
