import type { DataSource } from 'typeorm';
import type { Engine } from '../../engine';
import type { LateConnection, LateTarget } from '../../reader';
import type { SideReader } from '../../side-reader';
import { busyTimeoutMs } from '../busy-timeout';
import { sqliteCheckSql } from '../check-sql';
import { mainFile } from '../file-driver';
import { sqliteStoreSql } from '../store-sql';
import { packageOf } from './driver-seam';
import { readingThreads } from './pool-threads';
import { ReadingConnection, type ReadingTarget } from './reading-connection';
import { Sqlite3SideReader } from './side-reader';
import { exactly } from './values';

/** Undefined where no second connection can see what the first one has, or where it would stand in the writer's way. */
export function sqlite3ReaderTarget(
  dataSource: DataSource,
  engine: Engine,
  journalMode: string | null,
  busyTimeout: number,
): LateTarget | undefined {
  const target = readingTarget(dataSource, engine, journalMode, busyTimeout);
  return target && { open: async () => lateConnection(await ReadingConnection.open(target)) };
}

export async function openSqlite3SideReader(
  dataSource: DataSource,
  engine: Engine,
  journalMode: string | null,
): Promise<SideReader | undefined> {
  const target = readingTarget(dataSource, engine, journalMode, busyTimeoutMs);
  return target && new Sqlite3SideReader(await ReadingConnection.open(target), engine);
}

function readingTarget(
  dataSource: DataSource,
  engine: Engine,
  journalMode: string | null,
  busyTimeout: number,
): ReadingTarget | undefined {
  if (engine.isInMemory || journalMode !== 'wal' || readingThreads.count === 0) return undefined;
  const { key } = dataSource.options as { key?: string };
  return {
    package: packageOf(dataSource),
    file: engine.scalar(mainFile) as string,
    key,
    busyTimeoutMs: busyTimeout,
  };
}

function lateConnection(connection: ReadingConnection): LateConnection {
  return {
    storeSql: sqliteStoreSql,
    checkSql: sqliteCheckSql,
    query: (sql, parameters, signal) => connection.query(...exactly(sql, parameters ?? []), signal),
    close: () => connection.close(),
  };
}
