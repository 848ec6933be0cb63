import { createRequire } from 'node:module';
import { performance } from 'node:perf_hooks';
import type BetterSqlite3 from 'better-sqlite3';
import type { DataSource } from 'typeorm';
import { ReadTimeoutError } from '../../../errors';
import type { Engine } from '../../engine';
import type { ReadConnection, ReaderTarget } from '../../reader';
import type { StoreSql } from '../../store-sql';
import { sqliteCheckSql } from '../check-sql';
import { mainFile, moduleFileOf } from '../file-driver';
import { SqliteEngine } from './engine';
import { sqliteStoreSql, summarySql } from '../store-sql';

/** What the driver of a DataSource has loaded, and the options that decide how a file is opened. */
interface DriverSeam {
  sqlite: unknown;
  options: { nativeBinding?: unknown; key?: unknown };
}

/** Undefined where no second connection can see what the first one has, or where it would stand in the writer's way. */
export function sqliteReaderTarget(
  dataSource: DataSource,
  engine: Engine,
  journalMode: string | null,
  busyTimeoutMs: number,
): ReaderTarget | undefined {
  if (engine.isInMemory || journalMode !== 'wal') return undefined;
  const { sqlite, options } = dataSource.driver as unknown as DriverSeam;
  // Two copies of SQLite in one process drop each other's locks on a file, so it must be the very module that is loaded.
  const loaded = moduleFileOf(sqlite);
  const { nativeBinding, key } = options;
  if (loaded === undefined || (nativeBinding !== undefined && typeof nativeBinding !== 'string')) return undefined;
  const file = engine.scalar(mainFile) as string;
  return { driver: loaded, file, nativeBinding, key: key as string | undefined, busyTimeoutMs };
}

/** @throws the driver's error where the file can't be opened or read */
export function openSqliteReader({ driver, file, nativeBinding, key, busyTimeoutMs }: ReaderTarget): ReadConnection {
  const Database = createRequire(__filename)(driver) as typeof BetterSqlite3;
  const database = new Database(file, {
    readonly: true,
    timeout: busyTimeoutMs,
    ...(nativeBinding && { nativeBinding }),
  });
  if (key !== undefined) database.pragma(`key = ${JSON.stringify(key)}`);
  // A file that is no database, or one behind a key of its own, shows at the first look.
  database.prepare('SELECT count(*) FROM sqlite_master').get();
  let deadline = Infinity;
  // The driver can't interrupt a statement, but what it calls can throw. Not deterministic, or it would be called once.
  database.function(deadlineFunction, (_row: unknown) => {
    if (performance.now() > deadline) throw new ReadTimeoutError('The query took longer than readTimeoutMs.');
    return 1;
  });
  return {
    engine: new SqliteEngine(database),
    storeSql: endable(sqliteStoreSql),
    checkSql: sqliteCheckSql,
    endAfter(timeoutMs) {
      deadline = performance.now() + timeoutMs;
    },
  };
}

const deadlineFunction = 'audit_trail_deadline';

/**
 * One row in 64 of those that are looked at asks for the time first: to ask for every row takes as long as to find it.
 * What takes long are the log and the roll-ups; the rest is short.
 */
function endable(sql: StoreSql): StoreSql {
  return {
    ...sql,
    selectEntries: (conditions, index, direction) =>
      sql.selectEntries([{ sql: inTime('e.id'), values: [] }, ...conditions], index, direction),
    ...summarySql(inTime('entries')),
  };
}

/** By chance, so that no order of the rows can leave out those that ask. */
function inTime(column: string): string {
  return `(random() & 63 OR ${deadlineFunction}(${column}))`;
}
