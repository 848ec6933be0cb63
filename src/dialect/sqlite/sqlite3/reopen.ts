import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TransactionHeldError, UnsupportedDatabaseError } from '../../../errors';
import { mainFile } from '../file-driver';
import { copyPages } from './copy-pages';
import type { Sqlite3Database } from './package';
import { called } from './statements';
import type { ThreadDatabase } from './thread-database';

/** What of a connection's settings can be read and set. */
const settings = ['synchronous', 'cache_size', 'recursive_triggers', 'mmap_size', 'secure_delete'];

/** What a connection has for itself alone, and another one of the same file has not. */
const ownParts = `SELECT (SELECT count(*) FROM sqlite_temp_master)
  + (SELECT count(*) FROM pragma_database_list WHERE name NOT IN ('main', 'temp')) AS own`;

/**
 * Opens a connection again, with the settings it had, and closes it; a database in memory goes along page by page.
 * @throws TransactionHeldError; UnsupportedDatabaseError where something of it would be lost; then it is as it was
 */
export async function reopen(old: Sqlite3Database, open: () => Promise<ThreadDatabase>): Promise<ThreadDatabase> {
  await assertOutside(old);
  if ((await valueOf(old, ownParts)) !== 0) {
    throw new UnsupportedDatabaseError(
      'The connection has temporary tables or attached files, which another connection would not have: attach the trail ' +
        'before initialize(), or make the DataSource with createDataSource().',
    );
  }
  const values = [];
  for (const name of settings) values.push(`PRAGMA ${name} = ${String(await valueOf(old, `PRAGMA ${name}`))}`);
  const isInMemory = (await valueOf(old, mainFile)) === '';
  const fresh = await open();
  try {
    for (const sql of values) fresh.exec(sql);
    if (isInMemory) await moveMemory(old, fresh);
  } catch (error) {
    fresh.close();
    throw error;
  }
  await called((done) => old.close(done));
  return fresh;
}

async function assertOutside(old: Sqlite3Database): Promise<void> {
  try {
    await called((done) => old.exec('BEGIN', done));
  } catch (cause) {
    throw new TransactionHeldError('A transaction is open on the connection; attach before, or after it has ended.', {
      cause,
    });
  }
  await called((done) => old.exec('ROLLBACK', done));
}

async function moveMemory(old: Sqlite3Database, fresh: ThreadDatabase): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'audit-trail-'));
  try {
    const file = join(folder, 'memory.sqlite');
    await copyPages(old, file, true);
    fresh.thread.ask({ kind: 'restore', file });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function valueOf(database: Sqlite3Database, sql: string): Promise<unknown> {
  const rows = await called<unknown[]>((done) => database.all(sql, [], done));
  return Object.values((rows?.[0] as Record<string, unknown> | undefined) ?? {})[0];
}
