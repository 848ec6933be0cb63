import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { DataSource } from 'typeorm';
import { describe, expect, it } from 'vitest';
import { checkDatabase } from '../../src/index';
import { afterTest, temporaryFile } from '../support/databases';
import { lockedBy } from '../support/foreign-lock';
import { databaseWithPending, failureOf, run } from './command';

type Step = { name: string; status: string; detail: string; remedy: string | null };
type Report = { database: string; ok: boolean; checks: Step[] };

async function check(args: readonly string[], exitCode: 0 | 1, cwd?: string): Promise<Report> {
  const { code, stdout, stderr } = await run(['check', '--json', ...args], cwd === undefined ? {} : { cwd });
  expect({ code, stderr }).toEqual({ code: exitCode, stderr: '' });
  const { success, data } = JSON.parse(stdout) as { success: boolean; data: Report };
  expect(success).toBe(true);
  expect(data.ok).toBe(exitCode === 0);
  for (const { status, remedy } of data.checks) {
    expect(remedy === null).toBe(status === 'ok' || status === 'skipped');
  }
  return data;
}

const statuses = ({ checks }: Report) => Object.fromEntries(checks.map(({ name, status }) => [name, status]));
const fileIsFine = { driver: 'ok', file: 'ok', database: 'ok', writable: 'ok', wal: 'ok', version: 'ok' };

describe('audit-trail check of a file', () => {
  it('finds nothing wrong with a database, and leaves nothing behind', async () => {
    const file = await databaseWithPending(1);
    const before = readdirSync(dirname(file));
    const report = await check([`sqlite:${file}`], 0);
    expect(report.database).toBe(file);
    expect(statuses(report)).toEqual(fileIsFine);
    expect(readdirSync(dirname(file)).filter((name) => !before.includes(name))).toEqual([]);
  });

  it('leaves the journal mode as it is', async () => {
    const file = temporaryFile();
    const database = new Database(file);
    afterTest(() => void database.close());
    database.exec('CREATE TABLE note (id INTEGER)');
    expect(statuses(await check(['--url', `sqlite:${file}`], 0))).toEqual(fileIsFine);
    expect(database.pragma('journal_mode', { simple: true })).toBe('delete');
  });

  it('names a file that is missing, and creates none', async () => {
    const file = temporaryFile('missing.sqlite');
    const report = await check([`sqlite:${file}`], 1);
    expect(statuses(report)).toMatchObject({ file: 'failed', database: 'skipped', writable: 'skipped', wal: 'ok' });
    expect(report.checks.find(({ name }) => name === 'file')?.remedy).toContain('audit-trail migrate');
    expect(existsSync(file)).toBe(false);
    const elsewhere = await check([`sqlite:${file}/deeper/app.sqlite`], 1);
    expect(statuses(elsewhere)).toMatchObject({ file: 'failed', wal: 'failed' });
    expect(existsSync(file)).toBe(false);
  });

  it('names what is no database', async () => {
    const file = temporaryFile('letter.txt');
    writeFileSync(file, 'Dear reader, this is a letter and no database. '.repeat(100));
    expect(statuses(await check([`sqlite:${file}`], 1))).toMatchObject({ file: 'ok', database: 'failed' });
    const folder = temporaryFile('folder');
    mkdirSync(folder);
    expect(statuses(await check([`sqlite:${folder}`], 1))).toMatchObject({ file: 'failed', database: 'skipped' });
  });

  it('does not take a file for unwritable that another program writes to just now', async () => {
    const file = await databaseWithPending(0);
    const lock = await lockedBy(file);
    expect(statuses(await check([`sqlite:${file}`], 0))).toEqual({ ...fileIsFine, writable: 'warning' });
    await lock.letGo();
  });

  it('names a file that may not be written to', async () => {
    const database = await databaseWithPending(0);
    const { ok, steps } = await checkDatabase(new DataSource({ type: 'better-sqlite3', database, readonly: true }));
    expect(ok).toBe(false);
    expect(steps.filter(({ status }) => status !== 'ok')).toMatchObject([{ name: 'writable', status: 'failed' }]);
  });

  it('has nothing against a database in memory', async () => {
    expect(statuses(await check(['sqlite::memory:'], 0))).toEqual({ driver: 'ok', file: 'ok', version: 'ok' });
  });

  it('prints a line for each step, and the remedy below', async () => {
    const file = temporaryFile('missing.sqlite');
    const { code, stdout } = await run(['check', 'sqlite:missing.sqlite'], { cwd: dirname(file) });
    expect(code).toBe(1);
    expect(stdout).toMatch(/^database {3}missing\.sqlite\n/);
    expect(stdout).toMatch(/\nfile {7}FAILED {3}There is no file .*\n {20}Correct the path, /);
    expect(stdout).toMatch(/\nA trail cannot work here yet: 1 to mend\.\n$/);
  });
});

describe('audit-trail check of a server', () => {
  const afterReach = { tls: 'skipped', login: 'skipped', database: 'skipped', version: 'skipped' };

  it('names a host that is not known, and a port where nothing listens', async () => {
    const unknown = await check(['mssql://anna:green-apple@no.such.host.invalid/app'], 1);
    expect(statuses(unknown)).toMatchObject({ reach: 'failed', ...afterReach });
    expect(unknown.database).toBe('no.such.host.invalid/app');
    const server = await listening();
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    const closed = await check([`mssql://anna:green-apple@127.0.0.1:${port}/app`], 1);
    expect(statuses(closed)).toMatchObject({ reach: 'failed', ...afterReach });
    expect(JSON.stringify([unknown, closed])).not.toMatch(/green|apple|anna/);
  });

  it('names what listens but is no SQL Server', async () => {
    const { port } = (await listening()).address() as AddressInfo;
    const report = await check([`mssql://anna:green-apple@127.0.0.1:${port}/app`], 1);
    expect(statuses(report)).toMatchObject({ ...afterReach, reach: 'ok', tls: 'failed' });
    expect(JSON.stringify(report)).not.toMatch(/green|apple/);
  });

  it('sends no password where TLS is asked for and there is none', async () => {
    // The answer to PRELOGIN of a server, or of whoever sits between, that has no TLS (MS-TDS 2.2.6.5).
    const options = [0x00, 0, 11, 0, 6, 0x01, 0, 17, 0, 1, 0xff, 16, 0, 0, 0, 0, 0, 0x02];
    const answer = Buffer.from([0x04, 0x01, 0, 8 + options.length, 0, 0, 1, 0, ...options]);
    const packets: number[] = [];
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.on('data', (data) => {
        packets.push(data[0] ?? 0);
        socket.write(answer);
      });
    });
    const { port } = (await listening(server)).address() as AddressInfo;
    const report = await check([`mssql://anna:green-apple@127.0.0.1:${port}/app`], 1);
    expect(report.checks.find(({ name }) => name === 'tls')).toMatchObject({
      status: 'failed',
      detail: 'The server offers no TLS; the password was not sent.',
    });
    expect(packets).toEqual([0x12]);
  });

  /** By default a server that hangs up on whoever says something. */
  async function listening(
    server = createServer((socket) => void socket.on('data', () => socket.destroy()).on('error', () => undefined)),
  ): Promise<Server> {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    afterTest(() => void server.close());
    return server;
  }
});

it('audit-trail check takes one database', async () => {
  const error = await failureOf(['check', 'sqlite:a', '--url', 'sqlite:b'], 2);
  expect(error).toMatchObject({ code: 'AUDIT_CLI_USAGE', message: 'Two databases are named.' });
});
