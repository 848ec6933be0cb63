import { bindNumbers } from '../bound-numbers';
import type { FileDriver } from '../file-driver';
import { openInThreads, seamOf } from './driver-seam';
import { Sqlite3Engine } from './engine';
import { openSqlite3SideReader, sqlite3ReaderTarget } from './readers';
import { reopen } from './reopen';
import { ThreadDatabase } from './thread-database';
import { isInt32 } from './values';

/** The package sqlite3, whose statements call back: its one writing connection is in a thread of its own. */
export const sqlite3: FileDriver = {
  packageName: 'sqlite3',
  engineOf: (dataSource) => new Sqlite3Engine((seamOf(dataSource).databaseConnection as ThreadDatabase).thread),
  async adopt(dataSource) {
    const driver = seamOf(dataSource);
    const { databaseConnection: open } = driver;
    if (!open || open instanceof ThreadDatabase) return;
    driver.databaseConnection = await reopen(open, () => driver.createDatabaseConnection());
  },
  tune(dataSource) {
    // Whole numbers beyond int32 are bound as REAL, so they stay what TypeORM makes of them.
    bindNumbers(dataSource.driver, (value) => isInt32(value) || !Number.isInteger(value));
    openInThreads(seamOf(dataSource));
  },
  readerTarget: sqlite3ReaderTarget,
  openSideReader: openSqlite3SideReader,
};
