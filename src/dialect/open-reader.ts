import type { ReadConnection, ReaderTarget } from './reader';
import { openSqliteReader } from './sqlite/better-sqlite3/reader';

/** Opens a connection that only reads. Loads the driver and nothing of TypeORM: it runs in threads of its own. */
export function openReader(target: ReaderTarget): ReadConnection {
  return openSqliteReader(target);
}
