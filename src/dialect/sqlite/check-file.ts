import { existsSync, statSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { type CheckSteps, messageOf } from '../check-steps';
import type { FilePackage } from './choose-package';

export type FileOptions = Extract<DataSourceOptions, { type: 'better-sqlite3' }>;

/** How long another connection may write before it is named; the event loop waits too. */
const patienceMs = 1_000;

/**
 * Looks whether the trail could work on a database file: `driver`, `file`, `database`, `writable`, `wal`, `version`.
 * The file is left as it is; its write lock is taken for a moment.
 */
export async function checkFile(options: FileOptions, steps: CheckSteps): Promise<void> {
  const driver = await open({ ...options, database: ':memory:' }, steps);
  if (!driver) return;
  try {
    if (options.database === ':memory:') steps.ok('file', 'in memory: gone with the program that opens it');
    else await checkOnDisk(options, steps);
    await checkVersion(driver, steps);
  } finally {
    await driver.destroy();
  }
}

/** A missing driver, or one that does not load, is found without touching a file. */
async function open(options: FileOptions, steps: CheckSteps): Promise<DataSource | undefined> {
  const { type, database } = options;
  try {
    const dataSource = new DataSource({ type, database, logging: false });
    await dataSource.initialize();
    steps.ok('driver', `${packageOf(type)} loads`);
    return dataSource;
  } catch (error) {
    steps.fail(
      'driver',
      messageOf(error),
      `Install it: npm install ${packageOf(type) === 'sqlite3' ? 'sqlite3@5' : 'better-sqlite3@12'}.`,
    );
    return undefined;
  }
}

async function checkOnDisk(options: FileOptions, steps: CheckSteps): Promise<void> {
  const file = resolve(options.database);
  if (!existsSync(file)) {
    steps.fail('file', `There is no file ${file}.`, 'Correct the path, or create it with audit-trail migrate.');
    steps.skip(['database', 'writable'], 'there is no file');
  } else if (!statSync(file).isFile()) {
    steps.fail('file', `${file} is not a file.`, 'Name a file.');
    steps.skip(['database', 'writable'], 'there is no file');
  } else {
    steps.ok('file', `${file}, ${statSync(file).size.toLocaleString('en-US')} bytes`);
    await checkContent({ ...options, database: file, ...existing(options) }, steps);
  }
  await checkWal(options.type, file, steps);
}

/** Options for a file that is there, of either package. */
function existing({ type }: FileOptions): Partial<FileOptions> {
  if (packageOf(type) === 'better-sqlite3') return { fileMustExist: true, timeout: patienceMs };
  const openReadWrite = 2;
  return { flags: openReadWrite, busyTimeout: patienceMs } as object;
}

function packageOf(type: string): FilePackage {
  return type === 'sqlite' ? 'sqlite3' : 'better-sqlite3';
}

async function checkContent(options: FileOptions, steps: CheckSteps): Promise<void> {
  const database = new DataSource(options);
  const remedy = 'Name a SQLite database that this user may read; a copy may be needed where the file is damaged.';
  const isDatabase = await steps.attempt('database', remedy, async () => {
    await database.initialize();
    const [row] = await database.query<{ tables: number }[]>('SELECT count(*) AS tables FROM sqlite_master');
    const [mode] = await database.query<{ journal_mode: string }[]>('PRAGMA journal_mode');
    return `${row?.tables} tables and indexes, journal mode ${mode?.journal_mode}`;
  });
  if (!isDatabase) steps.skip(['writable'], 'it is no database that can be opened');
  else await checkWritable(database, steps);
  if (database.isInitialized) await database.destroy();
}

async function checkWritable(database: DataSource, steps: CheckSteps): Promise<void> {
  const remedy = 'Let this user write to the file and its folder, and the file system take writes.';
  try {
    await database.query('BEGIN IMMEDIATE');
    // BEGIN alone succeeds where nothing may be written.
    const [row] = await database.query<{ user_version: number }[]>('PRAGMA user_version');
    await database.query(`PRAGMA user_version = ${row?.user_version ?? 0}`);
    steps.ok('writable', 'a change can be made, and is taken back');
  } catch (error) {
    if (!/\bdatabase is locked\b/.test(messageOf(error))) return steps.fail('writable', messageOf(error), remedy);
    steps.warn(
      'writable',
      'Another connection is writing now, so that writing could not be tried.',
      'Check again when it is done; if it never is, find the program that holds the file.',
    );
  } finally {
    await database.query('ROLLBACK').catch(() => undefined);
  }
}

/** Tried on a file of its own beside the database, because the journal mode stays with a file. */
async function checkWal(type: FileOptions['type'], file: string, steps: CheckSteps): Promise<void> {
  const probe = join(dirname(file), `.${basename(file)}.check-${process.pid}`);
  if (!existsSync(dirname(file))) {
    return steps.fail('wal', `There is no folder ${dirname(file)}.`, 'Create the folder, or correct the path.');
  }
  const database = new DataSource({ type, database: probe, logging: false });
  const remedy = 'Put the file on a local disk, in a folder that this user may write to.';
  await steps.attempt('wal', remedy, async () => {
    await database.initialize();
    const [row] = await database.query<{ journal_mode: string }[]>('PRAGMA journal_mode = WAL');
    if (row?.journal_mode !== 'wal') throw new Error(`The journal mode of a file here stays ${row?.journal_mode}.`);
    await database.query('CREATE TABLE probe (id INTEGER)');
    return 'write-ahead logging works in this folder';
  });
  if (database.isInitialized) await database.destroy();
  for (const suffix of ['', '-wal', '-shm']) await rm(`${probe}${suffix}`, { force: true }).catch(() => undefined);
}

async function checkVersion(database: DataSource, steps: CheckSteps): Promise<void> {
  const [row] = await database.query<{ version: string }[]>('SELECT sqlite_version() AS version');
  const [major = 0, minor = 0] = (row?.version ?? '').split('.').map(Number);
  if (major > 3 || (major === 3 && minor >= 44)) steps.ok('version', `SQLite ${row?.version}`);
  else
    steps.fail('version', `SQLite ${row?.version}; 3.44 is the least.`, 'Install better-sqlite3@12, or sqlite3@5.1.7.');
}
