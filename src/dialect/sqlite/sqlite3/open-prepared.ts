import { DataSource } from 'typeorm';
import { typeOver } from '../choose-package';
import type { FileOptions, Prepare } from '../file-driver';
import { openInThreads, seamOf } from './driver-seam';
import { called } from './statements';

/** A DataSource without capture. @throws what the driver and `prepare` throw */
export function openSqlite3(options: FileOptions, timeoutMs: number, prepare: Prepare): Promise<DataSource> {
  const type = typeOver('sqlite3');
  const dataSource = new DataSource({ ...options, type, ...({ busyTimeout: timeoutMs } as object) });
  const driver = seamOf(dataSource);
  openInThreads(driver);
  const create = driver.createDatabaseConnection.bind(driver);
  driver.createDatabaseConnection = async () => {
    const connection = await create();
    try {
      prepare((sql) => connection.exec(sql));
    } catch (error) {
      await called((done) => connection.close(done));
      throw error;
    }
    return connection;
  };
  return dataSource.initialize();
}
