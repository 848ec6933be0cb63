import { createServer } from 'node:net';
import { once } from 'node:events';
import { cpSync, mkdirSync, symlinkSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { afterTest, temporaryFile } from '../support/databases';
import {
  CommandProcess,
  type CommandOptions,
  countRows,
  databaseWithPending,
  dataOf,
  type ErrorJson,
  failureOf,
  fixture,
  textOf,
} from './command';

const readerKey = 'reader-0123456789abcdef';
const flusherKey = 'flusher-0123456789abcdef';

interface Answer {
  status: number;
  data: Record<string, unknown>;
  error: ErrorJson;
}

/** `audit-trail serve` on any free port. */
class Service {
  private constructor(
    readonly command: CommandProcess,
    readonly start: Record<string, unknown>,
  ) {}

  static async start(args: readonly string[], options?: CommandOptions): Promise<Service> {
    const command = new CommandProcess(['serve', '--port', '0', '--json', ...args], options);
    const { data } = JSON.parse(await command.line(/"success":true/)) as { data: Record<string, unknown> };
    return new Service(command, data);
  }

  async ask(method: string, path: string, key?: string): Promise<Answer> {
    const headers = key === undefined ? undefined : { authorization: `Bearer ${key}` };
    const response = await fetch(`${String(this.start['url'])}${path}`, { method, ...(headers && { headers }) });
    const { data, error } = (await response.json()) as Answer;
    return { status: response.status, data, error };
  }
}

describe('serve --data-source', () => {
  it('mounts the API on the DataSource, drains at SIGTERM and exits 0', async () => {
    const file = await databaseWithPending(3);
    const service = await Service.start(['--data-source', fixture('own-options.cjs')], {
      env: { NOTES_DATABASE: file },
    });
    expect(service.start).toEqual({
      url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/api\/audit$/) as string,
      host: '127.0.0.1',
      routes: ['GET /api/audit/stats', 'GET /api/audit/recent', 'GET /api/audit/dashboard', 'POST /api/audit/flush'],
      read_only: false,
      database: file,
      driver: expect.stringMatching(/^better-sqlite3 \(SQLite 3\./) as string,
      pool: null,
      database_type: 'sqlite_optimized',
      migrations_run: [],
      pending_count: 3,
      keys: [],
      warnings: [],
    });
    expect((await service.ask('GET', '/stats')).data).toMatchObject({ pending_count: 3, total_entries: 0 });
    expect((await service.ask('GET', '/recent')).data).toMatchObject({ entries: [], pending_count: 3 });
    expect((await service.ask('GET', '/dashboard')).status).toBe(200);
    expect((await service.ask('GET', '/nothing')).error.code).toBe('AUDIT_ROUTE_NOT_FOUND');
    service.command.signal('SIGTERM');
    expect(await service.command.exited()).toBe(0);
    expect(countRows(file)).toEqual({ pending: 0, entries: 3, notes: 3 });
  });

  it('flushes, and answers fresh', async () => {
    const env = { NOTES_DATABASE: await databaseWithPending(3) };
    const service = await Service.start(['--data-source', fixture('own-options.cjs')], { env });
    const fresh = await service.ask('GET', '/recent?fresh=true');
    expect(fresh.data['entries']).toHaveLength(3);
    expect(await service.ask('POST', '/flush')).toMatchObject({ status: 200, data: { flushed: 0, pending_count: 0 } });
  });

  it.each(['named.cjs', 'open.cjs'])('leaves the schema of the application alone: %s', async (name) => {
    const file = await databaseWithPending(2);
    const service = await Service.start(['--data-source', fixture(name)], { env: { NOTES_DATABASE: file } });
    service.command.signal('SIGINT');
    expect(await service.command.exited()).toBe(0);
    expect(countRows(file)).toEqual({ pending: 0, entries: 2, notes: 2 });
  });
});

describe('serve --url', () => {
  it('only reads: no flush, nothing fresh, no drain in the background or at SIGINT', async () => {
    const file = await databaseWithPending(60);
    const service = await Service.start(['--url', `sqlite:${file}`]);
    expect(service.start).toMatchObject({ read_only: true, pending_count: 60 });
    expect(service.start['routes']).not.toContain('POST /api/audit/flush');
    expect((await service.ask('GET', '/stats')).data).toMatchObject({ pending_count: 60 });
    expect(await service.ask('POST', '/flush')).toMatchObject({
      status: 404,
      error: { code: 'AUDIT_ROUTE_NOT_FOUND' },
    });
    for (const route of ['/stats', '/recent', '/dashboard']) {
      const answer = await service.ask('GET', `${route}?fresh=true`);
      expect(answer).toMatchObject({ status: 400, error: { code: 'AUDIT_INVALID_QUERY' } });
      expect((await service.ask('GET', `${route}?fresh=false`)).status).toBe(200);
    }
    service.command.signal('SIGINT');
    expect(await service.command.exited()).toBe(0);
    expect(countRows(file)).toEqual({ pending: 60, entries: 0, notes: 60 });
  });

  it('shows what others have drained meanwhile', async () => {
    const file = await databaseWithPending(1);
    const service = await Service.start(['--url', `sqlite:${file}`]);
    await textOf(['flush', '--url', `sqlite:${file}`]);
    const { data } = await service.ask('GET', '/recent');
    expect(data).toMatchObject({ pending_count: 0, entries: [{ entity: 'Note', operation: 'insert' }] });
  });
});

describe('serve', () => {
  it('says what it did and where to look', async () => {
    const file = await databaseWithPending(1);
    const keys = `anna:${readerKey},ops:${flusherKey}:flush`;
    const args = ['serve', '--url', `sqlite:${file}`, '--port', '0', '--prefix', '/log'];
    const command = new CommandProcess(args, { env: { AUDIT_KEYS: keys } });
    await command.line(/^listening +http:\/\/127\.0\.0\.1:\d+\/log\/dashboard$/);
    expect(command.stdout).toMatch(/^database +\S+, better-sqlite3 .*, journal mode WAL$/m);
    expect(command.stdout).toMatch(/^mode +reads only; 1 change waits/m);
    expect(command.stdout).toMatch(/^access +anna \(reads\), ops \(reads\)$/m);
    expect(command.stdout).not.toMatch(/0123456789abcdef/);
    command.signal('SIGTERM');
    expect(await command.exited()).toBe(0);
    expect(command.stdout).toMatch(/^Stopped; 1 change in the outbox/m);
    expect(command.stderr).toBe('');
  });

  it('wants a key where there are keys, and the right to flush for a flush', async () => {
    const env = { NOTES_DATABASE: await databaseWithPending(1) };
    const keys = ['--key', `anna:${readerKey}`, '--key', `ops:${flusherKey}:flush`];
    const service = await Service.start(['--data-source', fixture('own-options.cjs'), ...keys], { env });
    expect(service.start['keys']).toEqual([
      { name: 'anna', may_flush: false },
      { name: 'ops', may_flush: true },
    ]);
    const outcome = async (method: string, path: string, key?: string) => {
      const { status, error } = await service.ask(method, path, key);
      return error ? `${status} ${error.code}` : status;
    };
    expect(await outcome('GET', '/stats')).toBe('401 AUDIT_UNAUTHORIZED');
    expect(await outcome('GET', '/stats', `${readerKey}0`)).toBe('401 AUDIT_UNAUTHORIZED');
    expect(await outcome('GET', '/nothing')).toBe('401 AUDIT_UNAUTHORIZED');
    expect(await outcome('GET', '/stats', readerKey)).toBe(200);
    expect(await outcome('POST', '/flush', readerKey)).toBe('403 AUDIT_FORBIDDEN');
    expect(await outcome('POST', '/flush', flusherKey)).toBe(200);
  });

  it('listens beyond loopback with keys only', async () => {
    const file = await databaseWithPending(0);
    for (const host of ['0.0.0.0', '::']) {
      const error = await failureOf(['serve', '--url', `sqlite:${file}`, '--host', host], 1);
      expect(error.code).toBe('AUDIT_CLI_KEYS_REQUIRED');
      expect(error.remedy).toContain('AUDIT_KEYS');
    }
    const service = await Service.start(['--url', `sqlite:${file}`, '--host', '0.0.0.0', '--key', `anna:${readerKey}`]);
    expect((await service.ask('GET', '/stats', readerKey)).status).toBe(200);
    expect((await service.ask('GET', '/stats')).status).toBe(401);
  });

  it('says which address is in use, and which it cannot have', async () => {
    const url = `sqlite:${await databaseWithPending(0)}`;
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    afterTest(() => void other.close());
    const { port } = other.address() as { port: number };
    const error = await failureOf(['serve', '--url', url, '--port', String(port)], 1);
    expect(error).toMatchObject({
      code: 'AUDIT_CLI_ADDRESS_IN_USE',
      message: `127.0.0.1:${port} is in use by another program.`,
    });
    const keys = ['--key', `anna:${readerKey}`];
    expect(await failureOf(['serve', '--url', url, '--host', '203.0.113.1', ...keys], 1)).toMatchObject({
      code: 'AUDIT_CLI_CANNOT_LISTEN',
    });
  });

  it('refuses a bad key without repeating it', async () => {
    const error = await failureOf(['serve', '--url', 'sqlite:x', '--key', 'anna:hunter2'], 2);
    expect(error.code).toBe('AUDIT_CLI_INVALID_KEY');
    expect(JSON.stringify(error)).not.toContain('hunter2');
  });
});

it('only serve needs fastify, and it says how to get it', async () => {
  const command = installWithout('fastify');
  const url = `sqlite:${await databaseWithPending(1)}`;
  expect(await failureOf(['serve', '--url', url], 1, { command })).toMatchObject({
    code: 'AUDIT_CLI_FASTIFY_MISSING',
    remedy: 'Install it: npm install fastify',
  });
  expect(await dataOf(['flush', '--url', url], { command })).toMatchObject({ flushed: 1 });
});

/** The built package in a project that has all of its dependencies and peers but one; the path of its command. */
function installWithout(missing: string): string {
  const folder = dirname(temporaryFile());
  cpSync(resolve('package.json'), join(folder, 'package.json'));
  for (const part of ['src', 'migrations'])
    cpSync(resolve('dist', part), join(folder, 'dist', part), { recursive: true });
  const packages = [
    '@fastify/type-provider-typebox',
    'better-sqlite3',
    'commander',
    'fastify',
    'fastify-plugin',
    'reflect-metadata',
    'typebox',
    'typeorm',
  ];
  for (const name of packages) {
    const link = join(folder, 'node_modules', name);
    mkdirSync(dirname(link), { recursive: true });
    // An empty folder keeps Node from finding one further up.
    if (name === missing) mkdirSync(link);
    else symlinkSync(resolve('node_modules', name), link);
  }
  return join(folder, 'dist/src/cli/main.js');
}
