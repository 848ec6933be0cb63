import { statfsSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { DataSource } from 'typeorm';
import type { AloneOptions, Company, Space } from '../alone-database';
import { openBetterSqlite3 } from './better-sqlite3/open-prepared';
import type { FilePackage } from './choose-package';
import { codeOf } from './driver-errors';
import type { Prepare } from './file-driver';
import { openSqlite3 } from './sqlite3/open-prepared';

/** How long another connection may take to let go; the event loop waits too. */
const patienceMs = 2_000;

/**
 * In exclusive mode the first look at a file takes a lock that nobody else has beside it: with write-ahead logging every
 * connection that is open stands in its way, also an idle one; without, only one that is at work, and an idle one is kept
 * away from then on. It goes with the process, whatever becomes of that.
 */
export async function openFileAlone(
  database: string,
  driver: FilePackage,
  options: AloneOptions,
): Promise<{ dataSource: DataSource; company: Company }> {
  const openOver = driver === 'sqlite3' ? openSqlite3 : openBetterSqlite3;
  const open = (prepare: Prepare) => openOver({ ...options, database, logging: false }, patienceMs, prepare);
  try {
    const dataSource = await open((execute) => {
      execute('PRAGMA locking_mode = EXCLUSIVE');
      execute('BEGIN EXCLUSIVE; COMMIT');
    });
    return { dataSource, company: { others: [], doubts: [] } };
  } catch (error) {
    if (!codeOf(error).startsWith('SQLITE_BUSY')) throw error;
    const others = [`another connection has ${database} open, of a program that still runs`];
    return { dataSource: await open(() => undefined), company: { others, doubts: [] } };
  }
}

export function spaceOf(database: string): Space {
  const { bavail, bsize } = statfsSync(dirname(resolve(database)));
  return { used: statSync(database).size, free: bavail * bsize };
}
