import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { column, openSqlite } from '../support/sqlite';
import { ExampleProcess, workingDirectory } from './example-process';

const audit = '/api/calculations/audit';

interface Page {
  entries: { entity: string; operation: string; correlation_id: string | null }[];
  pending_count: number;
}

function create(example: ExampleProcess, net: number): Promise<{ id: number; result: number }> {
  const body = { name: `net ${net}`, formula: 'net * (1 + vat_rate)', inputs: { net } };
  return example.ask('analyst-demo-key', 'POST /api/calculations', body);
}

describe('the start', () => {
  it('says what it did and where to look, and SIGTERM ends it in order', async () => {
    const directory = await workingDirectory();
    const first = ExampleProcess.run(directory);
    const address = await first.address();
    expect(first.stdout).toMatch(/database\s+.*calculations\.sqlite.*sqlite3.*WAL/);
    expect(first.stdout).toMatch(/application: CreateCalculations\d+, SeedSystemCalculations\d+/);
    expect(first.stdout).toMatch(/audit trail: AuditSchema\d+/);
    expect(first.stdout).toMatch(/captured\s+system_calculation, user_calculation, user_calculation_uses/);
    for (const role of ['analyst', 'reviewer', 'operator']) expect(first.stdout).toContain(`${role}-demo-key`);
    expect(first.stdout).toContain(`curl '${address}${audit}/recent?fresh=true'`);

    expect((await create(first, 100)).result).toBe(120);
    expect(await first.stop('SIGTERM')).toBe(0);
    expect(first.stderr).toBe('');
    const database = openSqlite(join(directory, 'data/calculations.sqlite'), { readonly: true });
    onTestFinished(() => void database.close());
    expect(column(database, 'SELECT count(*) FROM audit_outbox')).toEqual([0]);
    expect(column(database, 'SELECT count(*) FROM audit_entry')).toEqual([5]);

    const second = ExampleProcess.run(directory);
    await second.address();
    expect(second.stdout).toMatch(/application: none due/);
    expect(second.stdout).toMatch(/audit trail: none due/);
    expect(await second.stop('SIGINT')).toBe(0);
  });

  it('goes on with the outbox that a killed process left', async () => {
    const directory = await workingDirectory();
    const killed = ExampleProcess.run(directory);
    for (let net = 1; net <= 20; net += 1) await create(killed, net);
    expect(await killed.stop('SIGKILL')).toBeNull();
    const next = ExampleProcess.run(directory);
    const page = await next.ask<Page>(
      'reviewer-demo-key',
      `GET ${audit}/recent?fresh=true&entity=UserCalculation&limit=500`,
    );
    expect(page.entries).toHaveLength(20);
    expect(page.pending_count).toBe(0);
    expect(await next.stop('SIGTERM')).toBe(0);
  });

  it('takes configured keys and prints none of them', async () => {
    const secret = 'Zm9yLXRlc3RzLW9ubHk=';
    const example = ExampleProcess.run(await workingDirectory(), {
      HOST: '0.0.0.0',
      API_KEYS: `alice:${secret}:reviewer`,
    });
    const address = await example.address();
    expect(example.stdout).toContain('alice (reviewer)');
    expect(example.stdout).not.toContain(secret);
    expect(example.stdout).not.toContain('demo-key');
    expect(await example.ask(secret, `GET ${audit}/stats`)).toMatchObject({ deferred_mode: true });
    const answer = await fetch(`${address}/api/calculations`, {
      headers: { authorization: 'Bearer analyst-demo-key' },
    });
    expect(answer.status).toBe(401);
    expect(await example.stop('SIGTERM')).toBe(0);
  });

  it('answers in the envelope what is no request at all', async () => {
    const example = ExampleProcess.run(await workingDirectory());
    const { hostname, port } = new URL(await example.address());
    for (const [request, status] of [
      ['nonsense\r\n\r\n', '400'],
      [`GET / HTTP/1.1\r\nhost: x\r\nx-reason: ${'x'.repeat(20_000)}\r\n\r\n`, '431'],
    ] as const) {
      const socket = connect(Number(port), hostname);
      socket.write(request);
      let answer = '';
      socket.on('data', (text) => (answer += String(text)));
      await once(socket, 'close');
      const [head = '', body = ''] = answer.split('\r\n\r\n');
      expect(head).toContain(`HTTP/1.1 ${status}`);
      expect(JSON.parse(body)).toMatchObject({
        success: false,
        error: { remedy: expect.stringMatching(/\S/) as string },
      });
    }
  });
});

describe('the start is refused, with the remedy and without a stack trace,', () => {
  async function refusal(env: Record<string, string>): Promise<string> {
    const example = ExampleProcess.run(await workingDirectory(), env);
    expect(await example.exited).toBe(1);
    expect(example.stdout).toBe('');
    expect(example.stderr).not.toMatch(/^\s+at /m);
    expect(example.stderr.trim().split('\n').length).toBeGreaterThanOrEqual(2);
    return example.stderr;
  }

  it.each([
    ['demo keys for the network', { HOST: '0.0.0.0' }, /HOST=0\.0\.0\.0[^]*Set API_KEYS/],
    ['a bad port', { PORT: 'http' }, /PORT must be integer/],
    ['a bad key', { API_KEYS: 'alice:short:reviewer' }, /Item 1 of API_KEYS/],
    ['a bad URL', { DATABASE_URL: 'postgres://localhost/x' }, /sqlite:\.\/data/],
    [
      'a database file that is none',
      { DATABASE_URL: `sqlite:${resolve('package.json')}` },
      /not a database[^]*DATABASE_URL/,
    ],
    ['an address of another machine', { HOST: '192.0.2.1', API_KEYS: `alice:${'k'.repeat(16)}:reviewer` }, /Set HOST/],
  ])('for %s', async (_what, env, message) => {
    expect(await refusal(env)).toMatch(message);
  });

  it('for a port that is in use', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    expect(await refusal({ PORT: String(port) })).toContain(`127.0.0.1:${port} is in use`);
  });
});
