import { DataSource } from 'typeorm';
import type { FileOptions, Prepare } from '../file-driver';

/** A DataSource without capture. @throws what the driver and `prepare` throw */
export function openBetterSqlite3(options: FileOptions, timeoutMs: number, prepare: Prepare): Promise<DataSource> {
  return new DataSource({
    ...options,
    type: 'better-sqlite3',
    timeout: timeoutMs,
    prepareDatabase(connection: { exec(sql: string): void; close(): void }) {
      try {
        prepare((sql) => connection.exec(sql));
      } catch (error) {
        connection.close();
        throw error;
      }
    },
  }).initialize();
}
