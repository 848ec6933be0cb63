import type { DataSource } from 'typeorm';
import { checkDatabaseSteps } from './dialect/check-database';
import type { DatabaseCheck } from './reports';

/**
 * Looks whether an audit trail could work on a database, each thing by itself, with a remedy for each that is wrong:
 * of a file, whether it is there, a database, writable, on a disk that takes write-ahead logging, and the version; of a
 * server, whether it answers, TLS, login, database, version, and the rights to create tables and triggers.
 *
 * Nothing is changed or left behind: a file's write lock is taken for a moment, and a file of its own is made and removed
 * beside it; on a server a table is created in a transaction that is rolled back. It takes as long as it takes to connect,
 * for a server that does not answer 10 s.
 * @param target a database URL, or a DataSource, of which only the options are used
 * @throws InvalidDatabaseUrlError, UnsupportedDatabaseError; what is wrong with the database is in the answer
 */
export async function checkDatabase(target: string | DataSource): Promise<DatabaseCheck> {
  const { name, steps } = await checkDatabaseSteps(target);
  return { database: name, ok: steps.every(({ status }) => status !== 'failed'), steps };
}
