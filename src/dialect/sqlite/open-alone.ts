import { statfsSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type BetterSqlite3 from 'better-sqlite3';
import { DataSource } from 'typeorm';
import type { AloneOptions, Company, Space } from '../alone-database';

/** How long another connection may take to let go; the event loop waits too. */
const patienceMs = 2_000;

/**
 * In exclusive mode the first look at a file takes a lock that nobody else has beside it: with write-ahead logging every
 * connection that is open stands in its way, also an idle one; without, only one that is at work, and an idle one is kept
 * away from then on. It goes with the process, whatever becomes of that.
 */
export async function openFileAlone(
  database: string,
  options: AloneOptions,
): Promise<{ dataSource: DataSource; company: Company }> {
  const open = (prepareDatabase: (connection: BetterSqlite3.Database) => void) =>
    new DataSource({
      ...options,
      type: 'better-sqlite3',
      database,
      timeout: patienceMs,
      logging: false,
      prepareDatabase,
    });
  const alone = open((connection) => {
    try {
      connection.pragma('locking_mode = EXCLUSIVE');
      connection.exec('BEGIN EXCLUSIVE; COMMIT');
    } catch (error) {
      connection.close();
      throw error;
    }
  });
  try {
    return { dataSource: await alone.initialize(), company: { others: [], doubts: [] } };
  } catch (error) {
    if (!String((error as { code?: unknown }).code).startsWith('SQLITE_BUSY')) throw error;
    const shared = open(() => undefined);
    const others = [`another connection has ${database} open, of a program that still runs`];
    return { dataSource: await shared.initialize(), company: { others, doubts: [] } };
  }
}

export function spaceOf(database: string): Space {
  const { bavail, bsize } = statfsSync(dirname(resolve(database)));
  return { used: statSync(database).size, free: bavail * bsize };
}
