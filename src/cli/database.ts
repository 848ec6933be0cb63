import { existsSync } from 'node:fs';
import { DataSource } from 'typeorm';
import { AuditTrail } from '../audit-trail';
import { createDataSource } from '../data-source';
import { checkDatabase, type DatabaseCheck, parseDatabaseUrl } from '../index';
import type { AuditTrailOptions } from '../options';
import { CliError } from './cli-error';
import type { DatabaseOptions } from './command';
import { loadDataSource } from './load-data-source';
import { QuietLogger } from './quiet-logger';

const inMemory = ':memory:';

/** What TypeORM does of its own accord when it opens a database; the schema is the business of the application. */
export const leaveSchemaAlone = { synchronize: false, dropSchema: false, migrationsRun: false } as const;

/** The database that a command was pointed at, not opened yet. */
export interface Database {
  /** For people: the path of its file, or server and database; never a user or a password. */
  readonly name: string;
  /** Path of the file that it is, undefined for one on a server. */
  readonly file: string | undefined;
  /** What the module of `--data-source` exported. */
  readonly application: DataSource | undefined;
  /** Looks whether a trail could work there, without opening it for the command. */
  check(): Promise<DatabaseCheck>;
  /** A DataSource for the command, not initialised, that does nothing to the application's schema. */
  createDataSource(): DataSource;
}

/**
 * Finds the database from `--url`, `--data-source` or `DATABASE_URL`, in this order.
 * @throws CliError, InvalidDatabaseUrlError
 */
export async function findDatabase(options: DatabaseOptions): Promise<Database> {
  if (options.dataSource !== undefined) return fromModule(await loadDataSource(options.dataSource));
  const url = options.url ?? process.env['DATABASE_URL'] ?? '';
  if (url !== '') return fromUrl(url);
  throw new CliError(
    'AUDIT_CLI_NO_DATABASE',
    'No database is named.',
    'Give --url sqlite:./data/app.sqlite (or set DATABASE_URL), or --data-source with a module that exports a DataSource.',
  );
}

/** A command's own view of a database in memory would be an empty one. @throws CliError */
export function refuseInMemory({ file }: Database): void {
  if (file !== inMemory) return;
  throw new CliError(
    'AUDIT_CLI_IN_MEMORY',
    'A database in memory exists only inside the program that made it.',
    'Name a database file, or let the application itself serve its trail with the Fastify plugin.',
  );
}

/** Opening a file that is not there would create it. @throws CliError */
export function refuseMissing({ file }: Database): void {
  if (isThere(file)) return;
  throw new CliError(
    'AUDIT_CLI_DATABASE_NOT_FOUND',
    `There is no database file ${file}.`,
    'Correct the path, which is relative to the current folder, or create the database with audit-trail migrate.',
  );
}

export function isThere(file: string | undefined): boolean {
  return file === undefined || file === inMemory || existsSync(file);
}

/** Attaches a trail, hands it over, and closes the database again without a drain, whatever happens. */
export async function withTrail<T>(
  database: Database,
  audit: Pick<AuditTrailOptions, 'migrate'>,
  use: (trail: AuditTrail) => Promise<T>,
): Promise<T> {
  // It asks once, and nobody waits for it: not worth a thread.
  const trail = await attachOwn(database, { ...audit, readers: false });
  let result: T;
  try {
    result = await use(trail);
  } catch (error) {
    // What went wrong first is what counts.
    await closeWithoutDrain(trail).catch(() => undefined);
    throw error;
  }
  await closeWithoutDrain(trail);
  return result;
}

/** A trail that serves the command alone: nothing in the background, and no schema changes but the audit tables'. */
export function attachOwn(
  database: Database,
  audit: Pick<AuditTrailOptions, 'migrate' | 'readers'>,
): Promise<AuditTrail> {
  // A rest in the outbox is what closing without a drain leaves; other warnings are in the trail's description.
  return AuditTrail.attach(database.createDataSource(), { ...audit, drain: false, onWarning: () => undefined });
}

/** What waits in the outbox stays there: `dataSource.destroy()` by itself would drain it. */
export async function closeWithoutDrain(trail: AuditTrail): Promise<void> {
  await trail.close({ drainTimeoutMs: 0 });
  if (trail.dataSource.isInitialized) await trail.dataSource.destroy();
}

function fromUrl(url: string): Database {
  const parsed = parseDatabaseUrl(url);
  const file = 'host' in parsed ? undefined : parsed.database;
  return {
    name: 'host' in parsed ? `${parsed.host}/${parsed.database}` : parsed.database,
    file,
    application: undefined,
    check: () => checkDatabase(url),
    createDataSource: () => createDataSource(url, { logger: new QuietLogger() }),
  };
}

function fromModule(application: DataSource): Database {
  const { options } = application;
  const database = typeof options.database === 'string' ? options.database : '';
  const host = 'host' in options && typeof options.host === 'string' ? options.host : undefined;
  const isOnServer = host !== undefined || 'url' in options;
  return {
    name: [host, database].filter((part) => part).join('/') || String(options.type),
    file: isOnServer || database === '' ? undefined : database,
    application,
    check: () => checkDatabase(application),
    createDataSource: () => openedByCommand(application),
  };
}

/**
 * The exported DataSource with its own audit options, or, if the module has opened it, another with the same settings:
 * an open one is as the application set it up, which may be to migrate or to drain, where a command must not.
 */
function openedByCommand(application: DataSource): DataSource {
  const quiet = { ...leaveSchemaAlone, subscribers: [], logging: false as const, logger: new QuietLogger() };
  if (application.isInitialized) return new DataSource({ ...application.options, ...quiet, cache: false });
  return application.setOptions(quiet);
}
