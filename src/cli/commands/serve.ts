import { type Command, InvalidArgumentError } from 'commander';
import { AuditTrail } from '../../audit-trail';
import { readAccessKeys } from '../access-keys';
import { CliError } from '../cli-error';
import { type DatabaseOptions, databaseCommand, helpText, type JsonOption } from '../command';
import {
  attachOwn,
  closeWithoutDrain,
  type Database,
  findDatabase,
  leaveSchemaAlone,
  refuseInMemory,
  refuseMissing,
} from '../database';
import { count, printText } from '../output';
import { isLoopback } from '../serve/loopback';
import { buildServer, listen } from '../serve/server';
import { printStart } from '../serve/start-report';
import { stopServing, untilSignal } from '../serve/stopping';

const drainTimeoutMs = 10_000;

interface ServeOptions extends DatabaseOptions, JsonOption {
  host: string;
  port: number;
  prefix: string;
  key?: string[];
}

/** `audit-trail serve`: the audit API as a service of its own. */
export function serveCommand(): Command {
  return databaseCommand('serve', 'print where it listens as one line of JSON')
    .summary('serve the audit API over HTTP')
    .description(
      'Serves an audit trail over HTTP: statistics, recent entries and a dashboard. With --data-source the trail is ' +
        'attached to the exported DataSource, which drains it as its options say, and can be flushed. With --url it is only ' +
        'read.',
    )
    .option('--host <address>', 'address to listen on; beyond loopback it takes keys', '127.0.0.1')
    .option('--port <number>', 'port to listen on; 0 takes any free one', readPort, 3000)
    .option('--prefix <path>', 'path above the routes', readPrefix, '/api/audit')
    .option('--key <name:key[:flush]>', 'a bearer key, which may flush if it says so; repeatable', collect)
    .addHelpText(
      'after',
      helpText(
        [
          'audit-trail serve --data-source ./dist/data-source.js',
          'audit-trail serve --url sqlite:./data/app.sqlite --port 8080',
          "AUDIT_KEYS='anna:<key>,ops:<key>:flush' audit-trail serve --url sqlite:./app.sqlite --host 0.0.0.0",
        ],
        {
          environment:
            '  AUDIT_KEYS         keys, NAME:KEY or NAME:KEY:flush, separated by commas, when\n' +
            '                     there is no --key; nobody else on the machine can read it',
          notes: 'SIGTERM or SIGINT stops it: no new requests, at most 10 s of draining, exit code 0.',
        },
      ),
    )
    .action(serve);
}

async function serve(options: ServeOptions): Promise<void> {
  const { host, port, prefix } = options;
  const keys = readAccessKeys(options.key ?? [], process.env['AUDIT_KEYS']);
  if (keys.length === 0) requireLoopback(host);
  const database = await findDatabase(options);
  const readOnly = database.application === undefined;
  const trail = await attach(database);
  const stopped = untilSignal();
  try {
    // First of all, because it says whether the audit tables are there.
    const { pendingCount } = await trail.stats();
    const app = await buildServer({ trail, prefix, keys, readOnly });
    const address = await listen(app, host, port);
    printStart({ trail, database, address, host, prefix, keys, readOnly, pendingCount }, options.json === true);
    await stopped;
    const left = await stopServing(app, trail, readOnly ? 0 : drainTimeoutMs);
    if (!options.json) printText(farewell(left));
  } catch (error) {
    // What went wrong first is what counts.
    await closeWithoutDrain(trail).catch(() => undefined);
    throw error;
  }
}

async function attach(database: Database): Promise<AuditTrail> {
  const { application } = database;
  if (!application) {
    refuseInMemory(database);
    refuseMissing(database);
    return attachOwn(database, { migrate: false });
  }
  if (!application.isInitialized) {
    refuseMissing(database);
    application.setOptions(leaveSchemaAlone);
  }
  return AuditTrail.attach(application);
}

function requireLoopback(host: string): void {
  if (isLoopback(host)) return;
  throw new CliError(
    'AUDIT_CLI_KEYS_REQUIRED',
    `Without keys, --host ${host} would show the audit trail to everybody who can reach it.`,
    'Set AUDIT_KEYS=NAME:KEY or give --key NAME:KEY, or leave --host at 127.0.0.1.',
  );
}

function farewell(left: number | undefined): string {
  if (left === undefined) return 'Stopped; the database was busy, and what waits in the outbox stays there.';
  return left === 0
    ? 'Stopped; the outbox is empty.'
    : `Stopped; ${count(left, 'change')} in the outbox, for the next drain.`;
}

function readPort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : NaN;
  if (!(port <= 65_535)) throw new InvalidArgumentError('It must be a whole number from 0 to 65535.');
  return port;
}

function readPrefix(text: string): string {
  if (!/^(?:\/[\w.~-]+)+$/.test(text)) throw new InvalidArgumentError('It must be a path such as /api/audit.');
  return text;
}

function collect(text: string, others: readonly string[] = []): string[] {
  return [...others, text];
}
