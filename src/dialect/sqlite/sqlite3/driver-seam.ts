import type { DataSource } from 'typeorm';
import { UnsupportedDatabaseError } from '../../../errors';
import { moduleFileOf } from '../file-driver';
import { ConnectionThread } from './connection-thread';
import { asPackage, type Sqlite3, type Sqlite3Database } from './package';
import { type Done, ThreadDatabase } from './thread-database';

/** TypeORM's driver: the package that it has loaded, and the connection that it has opened. */
export interface DriverSeam {
  sqlite: unknown;
  databaseConnection: ThreadDatabase | Sqlite3Database | undefined;
  createDatabaseConnection(): Promise<ThreadDatabase>;
}

/** The package itself, of drivers that open their connections in threads. */
const packages = new WeakMap<DriverSeam, Sqlite3>();

export function seamOf(dataSource: DataSource): DriverSeam {
  return dataSource.driver as unknown as DriverSeam;
}

export function packageOf(dataSource: DataSource): Sqlite3 {
  return packages.get(seamOf(dataSource))!;
}

/** TypeORM opens a connection as ever; what it takes for the package's class opens it in a thread. */
export function openInThreads(driver: DriverSeam): void {
  const { sqlite } = driver;
  const path = moduleFileOf(sqlite);
  if (path === undefined) {
    throw new UnsupportedDatabaseError(
      'The package sqlite3 was not loaded from a file of its own, from which a thread could load it as well: do not bundle it.',
    );
  }
  packages.set(driver, asPackage(sqlite));
  driver.sqlite = Object.create(sqlite as object, { Database: { value: databaseClass(path) } });
}

/** @param path of the package's module */
function databaseClass(path: string) {
  return class extends ThreadDatabase {
    constructor(file: string, mode?: number | Done, done?: Done) {
      super(new ConnectionThread(path), file, mode, done);
    }
  };
}
