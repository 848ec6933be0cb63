import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { type DataSourceOptions, DataSource, type EntitySchema, type MixedList } from 'typeorm';
import { afterAll, afterEach, beforeEach, type TestContext } from 'vitest';
import { parseDatabaseUrl, type ServerDatabaseUrl } from '../../src/dialect/url';
import { afterTest } from './databases';
import { WireRecorder } from './wire/wire-recorder';

/** A server to make databases on, with a user who may; the database that the URL names is left alone. */
const serverUrl = process.env['TEST_MSSQL_URL'];

/** All that the tests of a file send to the server. A test fails when SQL Server would refuse any of it. */
export const wire = new WireRecorder().install();

let administration: Promise<DataSource> | undefined;

beforeEach((context) => {
  if (!serverUrl) context.skip('no SQL Server: set TEST_MSSQL_URL');
});

afterEach(() => {
  const violations = wire.takeViolations();
  if (violations.length > 0) throw new Error(`SQL Server would refuse:\n${violations.join('\n')}`);
});

afterAll(async () => {
  await (await administration)?.destroy();
});

/** URL of a database of its own for the test. It goes with the test, which fails if a connection to it is left. */
export async function freshDatabase(): Promise<string> {
  const { url, drop } = await makeDatabase();
  afterTest(drop);
  return url;
}

/** A database that whoever made it drops, once all connections to it are closed. */
export interface OwnDatabase {
  url: string;
  drop: () => Promise<void>;
}

export async function makeDatabase(): Promise<OwnDatabase> {
  const name = `audit_test_${process.pid}_${randomBytes(6).toString('hex')}`;
  await onServer(`CREATE DATABASE [${name}]`);
  const url = new URL(serverUrl ?? '');
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => dropped('DATABASE', name) };
}

/** Runs a statement beside the databases of the tests, as who may create them. */
export async function onServer(sql: string): Promise<void> {
  await (await administer()).query(sql);
}

/** Drops a database or a login after the test. */
export function dropAfterTest(what: 'DATABASE' | 'LOGIN', name: string): void {
  afterTest(() => dropped(what, name));
}

/** A server learns of a closed connection a little later than its client; one that is still open after all is an error. */
async function dropped(what: 'DATABASE' | 'LOGIN', name: string): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await onServer(`DROP ${what} [${name}]`);
    } catch (error) {
      if (attempt === 100) throw error;
      await pause(50);
    }
  }
}

/** Skips a test that another server which speaks TDS can't pass; `difference` says what is wrong with that one. */
export async function needsSqlServer(context: TestContext, difference: string): Promise<void> {
  const reason = await serverLacks(difference);
  if (reason !== undefined) context.skip(reason);
}

/** Why a test is to be skipped, where the server is not SQL Server. */
export async function serverLacks(difference: string): Promise<string | undefined> {
  const [row] = await (await administer()).query<{ version: string }[]>('SELECT @@VERSION AS version');
  return row?.version.startsWith('Microsoft SQL') ? undefined : `differs from SQL Server: ${difference}`;
}

/** A database as TypeORM alone opens it, without this library; `extra` goes to the driver. */
export async function stockOnServer(
  // eslint-disable-next-line @typescript-eslint/no-unsafe-function-type -- TypeORM's own type of an entity
  entities: MixedList<Function | string | EntitySchema>,
  url: string,
  extra: object = {},
): Promise<DataSource> {
  const options = serverOptions(url);
  const dataSource = await connect({
    ...options,
    extra: { ...options.extra, ...extra },
    entities,
    synchronize: true,
  });
  afterTest(async () => {
    if (dataSource.isInitialized) await dataSource.destroy();
  });
  return dataSource;
}

function administer(): Promise<DataSource> {
  return (administration ??= connect(serverOptions(serverUrl ?? '')));
}

function connect(options: DataSourceOptions): Promise<DataSource> {
  return new DataSource(options).initialize();
}

/** As TypeORM has them, of a DataSource that this library did not make. */
export function serverOptions(url: string) {
  const { host, port, database, username, password, encrypt, trustServerCertificate } = parseDatabaseUrl(
    url,
  ) as ServerDatabaseUrl;
  return {
    type: 'mssql' as const,
    host,
    port,
    database,
    username: username ?? '',
    password: password ?? '',
    options: { encrypt, trustServerCertificate, useUTC: true },
    // By default mssql asks `SELECT 1` each time it lends a connection, which would be counted as round trips.
    extra: { validateConnection: 'socket' },
  };
}
