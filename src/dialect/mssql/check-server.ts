import { connect } from 'node:net';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { type CheckSteps, messageOf } from '../check-steps';
import { checkRights } from './check-rights';
import { type DriverConnection, guardHandshake, type ServerMessage } from './handshake';

type ServerOptions = Extract<DataSourceOptions, { type: 'mssql' }>;

const connectTimeoutMs = 10_000;
const afterReach = ['tls', 'login', 'database', 'version', 'tables', 'triggers'];

/** How far connecting came, and what the server said to it. */
interface Progress {
  isConnected: boolean;
  refusals: ServerMessage[];
}

/**
 * Looks whether the trail could work on a database of a server: `reach`, `tls`, `login`, `database`, `version`, `tables`,
 * `triggers`. What it creates is rolled back.
 */
export async function checkServer(options: ServerOptions, steps: CheckSteps): Promise<void> {
  const { host = 'localhost', port = 1433 } = options;
  // The port of a named instance is asked of the SQL Server Browser, by the driver.
  const instance = options.options?.instanceName;
  if (instance) steps.ok('reach', `left to the driver, which asks ${host} for the port of ${instance}`);
  else if (!(await steps.attempt('reach', reachRemedy, () => reach(host, port)))) {
    return steps.skip(afterReach, 'the server is not reached');
  }
  const progress: Progress = { isConnected: false, refusals: [] };
  const dataSource = new DataSource(watched(options, progress));
  try {
    await dataSource.initialize();
    progress.isConnected = true;
    reportTls(options, steps);
    steps.ok('login', `as ${options.username ?? 'the user of the authentication that is configured'}`);
    steps.ok('database', String(dataSource.driver.database));
    await checkVersion(dataSource, steps);
    await checkRights(dataSource, steps);
  } catch (error) {
    reportConnecting(options, progress, error, steps);
  } finally {
    if (dataSource.isInitialized) await dataSource.destroy();
  }
}

const reachRemedy =
  'Correct host and port; see that the server runs, that TCP/IP is enabled for it, and that no firewall is between.';

function reach(host: string, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, timeout: connectTimeoutMs });
    socket.once('connect', () => {
      resolve(`${host}:${port} answers`);
      socket.destroy();
    });
    socket.once('timeout', () => socket.destroy(new Error(`${host}:${port} does not answer within 10 s.`)));
    socket.once('error', (error: Error) => {
      const reasons = error instanceof AggregateError ? (error.errors as unknown[]).map(messageOf).join('; ') : '';
      reject(new Error(reasons || error.message));
    });
  });
}

/** One connection, whose messages are noted until there is one. */
function watched(options: ServerOptions, progress: Progress): ServerOptions {
  const extra = (options.extra ?? {}) as { beforeConnect?: (connection: DriverConnection) => void };
  const beforeConnect = (connection: DriverConnection) => {
    extra.beforeConnect?.(connection);
    guardHandshake(connection);
    connection.on('errorMessage', (message) => {
      if (!progress.isConnected) progress.refusals.push(message);
    });
  };
  return {
    ...options,
    connectionTimeout: connectTimeoutMs,
    pool: { min: 0, max: 1 },
    // A database that does not let this user in may be "transient"; the driver would ask four times.
    options: { ...options.options, maxRetriesOnTransientErrors: 0 } as ServerOptions['options'] & object,
    extra: { ...extra, beforeConnect, validateConnection: 'socket' },
  };
}

function wantsTls(options: ServerOptions): boolean {
  return options.options?.encrypt ?? true;
}

function reportTls(options: ServerOptions, steps: CheckSteps): void {
  if (!wantsTls(options)) {
    const remedy = 'Leave encrypt=false out, unless the server is on this very machine.';
    return steps.warn('tls', 'Off, as encrypt=false asks: what is sent can be read on the way.', remedy);
  }
  if (options.options?.trustServerCertificate) {
    const remedy = 'Give the server a certificate that this machine trusts, and leave trustServerCertificate out.';
    return steps.warn('tls', 'On, but the certificate is not verified, as trustServerCertificate asks.', remedy);
  }
  steps.ok('tls', 'on, with a certificate that is trusted');
}

/** Where connecting ended tells what was all right before: TLS, then login, then the database. */
function reportConnecting(
  options: ServerOptions,
  { isConnected, refusals }: Progress,
  error: unknown,
  steps: CheckSteps,
): void {
  if (isConnected) {
    // A step that threw what nobody foresaw.
    return steps.fail('connection', messageOf(error), 'Check again; if it stays, see the log of the server.');
  }
  if ((error as Error).name === 'DriverPackageNotInstalledError') {
    steps.fail('driver', messageOf(error), 'Install it: npm install mssql@12.');
    return steps.skip(afterReach, 'there is no driver');
  }
  const [refusal] = refusals;
  if (!refusal) {
    steps.fail('tls', messageOf(error), tlsRemedy(options, messageOf(error)));
    return steps.skip(afterReach.slice(1), 'there is no connection');
  }
  reportTls(options, steps);
  const detail = `${refusal.message} (${refusal.number})`;
  if (databaseErrors.has(refusal.number)) {
    steps.ok('login', `as ${options.username ?? 'the user of the authentication that is configured'}`);
    const remedy = 'Correct its name, create it, or let the user in: CREATE USER … FOR LOGIN … in that database.';
    steps.fail('database', detail, remedy);
    return steps.skip(afterReach.slice(3), 'the database is not open');
  }
  steps.fail('login', detail, loginRemedies.get(refusal.number) ?? loginRemedy);
  steps.skip(afterReach.slice(2), 'nobody is logged in');
}

/** The login is accepted, the database is not there, or not for this user. */
const databaseErrors = new Set([911, 916, 4060, 4064]);

const loginRemedy = 'Correct user and password; see the log of the server, which says more than its answer.';
const loginRemedies: ReadonlyMap<number, string> = new Map([
  [18451, 'Wait until the server is up again, or see why it is shutting down.'],
  [18452, 'Use SQL authentication on a server that allows it, or a Windows account of a trusted domain.'],
  [18461, 'Wait until the server is out of single-user mode.'],
  [18470, 'Enable the login: ALTER LOGIN … ENABLE.'],
  [18486, 'Unlock the login: ALTER LOGIN … WITH PASSWORD = … UNLOCK.'],
  [18487, 'The password has expired: set another with ALTER LOGIN.'],
  [18488, 'The password must be changed: set another with ALTER LOGIN.'],
  [40615, 'Let the address of this machine through the firewall of the server.'],
]);

function tlsRemedy(options: ServerOptions, message: string): string {
  if (/offers no TLS/.test(message)) {
    return 'Enable TLS on the server; encrypt=false does without, where nobody sits between.';
  }
  if (/EENCRYPT|requires encryption/i.test(message)) return 'Leave encrypt=false out: the server accepts TLS only.';
  if (wantsTls(options) && /certificate|altnames|self.signed/i.test(message)) {
    return 'Give the server a certificate that this machine trusts for this host; for a server of your own, trustServerCertificate=true.';
  }
  return 'See that what listens there is SQL Server; where it is, that both sides have a version of TLS in common.';
}

/** Of the database: below it OPENJSON is not known. */
const leastLevel = 130;

/** 15 is SQL Server 2019; Azure SQL counts otherwise and is always newer. */
async function checkVersion(dataSource: DataSource, steps: CheckSteps): Promise<void> {
  const [row] = await dataSource.query<{ text: string; version: string; level: number | null }[]>(
    `SELECT @@VERSION AS text, CAST(SERVERPROPERTY('ProductVersion') AS nvarchar(50)) AS version,
      (SELECT CAST(d.compatibility_level AS int) FROM sys.databases d WHERE d.name = DB_NAME()) AS level`,
  );
  const name = (row?.text ?? '').split('\n')[0] ?? '';
  if (!name.startsWith('Microsoft SQL')) {
    const remedy = 'Use SQL Server 2019 or newer: the trail is not proved on any other.';
    return steps.warn('version', `This is not SQL Server: ${name}.`, remedy);
  }
  if (!name.startsWith('Microsoft SQL Azure') && !(Number.parseInt(row?.version ?? '') >= 15)) {
    const remedy = 'Use SQL Server 2019 or newer, or Azure SQL.';
    return steps.fail('version', `${name}; SQL Server 2019 is the least.`, remedy);
  }
  const level = row?.level ?? leastLevel;
  if (level >= leastLevel) return steps.ok('version', name);
  const remedy = 'ALTER DATABASE … SET COMPATIBILITY_LEVEL = 150, after a look at what else depends on it.';
  steps.fail('version', `Compatibility level ${level} of the database; ${leastLevel} is the least.`, remedy);
}
