import { mkdtemp, rm } from 'node:fs/promises';
import { get, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import type { DataSource } from 'typeorm';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { AuditAction, Authorize } from '../../src/http/plugin';
import { UnauthorizedError, type AuditTrail } from '../../src/index';
import { ask, openApp, openTrail } from './support';

let app: FastifyInstance | undefined;
let dataSource: DataSource;
let trail: AuditTrail;

beforeAll(async () => {
  ({ dataSource, trail } = await openTrail());
});

afterEach(async () => {
  await app?.close();
  app = undefined;
});

afterAll(() => dataSource.destroy());

async function open(authorize?: Authorize): Promise<FastifyInstance> {
  app = await openApp(authorize ? { trail, authorize } : { trail });
  return app;
}

describe('without authorize', () => {
  it.each(['127.0.0.1', '127.8.9.1', '::1', '::ffff:127.0.0.1'])('a request from %s is answered', async (address) => {
    const opened = await open();
    expect((await ask(opened, 'GET /api/audit/stats', { remoteAddress: address })).status).toBe(200);
    expect((await ask(opened, 'POST /api/audit/flush', { remoteAddress: address })).status).toBe(200);
  });

  it.each(['10.0.0.1', '192.168.1.7', '128.0.0.1', '::ffff:10.0.0.1', '2001:db8::1'])(
    'a request from %s is refused whatever it asks',
    async (address) => {
      const opened = await open();
      const requests = [
        'GET /api/audit/stats',
        'POST /api/audit/flush',
        'GET /api/audit/nothing',
        'PUT /api/audit/stats',
      ];
      for (const request of requests) {
        const { status, error, headers } = await ask(opened, request, { remoteAddress: address });
        expect(status).toBe(403);
        expect(error.code).toBe('AUDIT_LOOPBACK_ONLY');
        expect(error.remedy).toContain('authorize');
        expect(headers['allow']).toBeUndefined();
      }
    },
  );

  it.each([{ 'x-forwarded-for': '127.0.0.1' }, { forwarded: 'for=10.0.0.1' }])(
    'a request that a proxy on the machine passed on is refused (%j)',
    async (headers) => {
      expect((await ask(await open(), 'GET /api/audit/stats', { headers })).error.code).toBe('AUDIT_LOOPBACK_ONLY');
    },
  );

  it('a request over a Unix socket is refused', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'audit-http-'));
    const socketPath = join(directory, 'socket');
    const opened = await open();
    await opened.listen({ path: socketPath });
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      get({ socketPath, path: '/api/audit/stats' }, resolve).on('error', reject);
    });
    response.resume();
    expect(response.statusCode).toBe(403);
    await opened.close();
    await rm(directory, { recursive: true });
  });
});

describe('authorize', () => {
  it('is asked for each request what it wants', async () => {
    const actions: AuditAction[] = [];
    const opened = await open((_request, action) => actions.push(action) > 0);
    const requests = [
      'GET /api/audit/stats',
      'HEAD /api/audit/recent',
      'GET /api/audit/dashboard',
      'POST /api/audit/flush',
      'GET /api/audit/nothing',
      'POST /api/audit/stats',
    ];
    for (const request of requests) await ask(opened, request, { remoteAddress: '10.0.0.1' });
    expect(actions).toEqual(['read', 'read', 'read', 'flush', 'read', 'read']);
  });

  it.each<[string, Authorize]>([
    ['true', () => true],
    ['a promise of true', () => Promise.resolve(true)],
  ])('that returns %s lets a request from anywhere pass', async (_name, authorize) => {
    const opened = await open(authorize);
    expect((await ask(opened, 'GET /api/audit/stats', { remoteAddress: '10.0.0.1' })).status).toBe(200);
  });

  it.each<[string, unknown]>([
    ['false', false],
    ['a promise of false', Promise.resolve(false)],
    ['nothing', undefined],
    ['a promise of nothing', Promise.resolve()],
    ['null', null],
    ['an empty text', ''],
    ['an object', {}],
  ])('that returns %s refuses', async (_name, verdict) => {
    const opened = await open(() => verdict as boolean);
    const { status, error } = await ask(opened, 'GET /api/audit/stats');
    expect(status).toBe(403);
    expect(error).toMatchObject({ code: 'AUDIT_FORBIDDEN', message: expect.stringContaining('read') as string });
  });

  it('can allow reading without flushing', async () => {
    const opened = await open((_request, action) => action === 'read');
    expect((await ask(opened, 'GET /api/audit/recent')).status).toBe(200);
    expect((await ask(opened, 'POST /api/audit/flush')).error.code).toBe('AUDIT_FORBIDDEN');
  });

  it('refuses before the body is read', async () => {
    const opened = await open(() => false);
    const payload = 'x'.repeat(10_000_000);
    expect((await ask(opened, 'POST /api/audit/flush', { payload })).status).toBe(403);
  });

  it('can throw an error of the library', async () => {
    const opened = await open(() => {
      throw new UnauthorizedError('There is no key.');
    });
    const { status, headers, error } = await ask(opened, 'GET /api/audit/stats');
    expect(status).toBe(401);
    expect(headers['www-authenticate']).toBe('Bearer');
    expect(error).toMatchObject({ code: 'AUDIT_UNAUTHORIZED', message: 'There is no key.' });
  });

  it('can throw an error of its own with a status', async () => {
    const opened = await open(() => Promise.reject(Object.assign(new Error('Slow down.'), { statusCode: 429 })));
    const { status, error } = await ask(opened, 'GET /api/audit/stats');
    expect(status).toBe(429);
    expect(error).toMatchObject({ code: 'AUDIT_REQUEST_REFUSED', message: 'Slow down.' });
  });

  it('that fails refuses, and says nothing of why', async () => {
    const opened = await open(() => {
      throw new Error('connection to ldap://secret lost');
    });
    const { status, body, error } = await ask(opened, 'GET /api/audit/stats');
    expect(status).toBe(500);
    expect(error.code).toBe('AUDIT_INTERNAL');
    expect(body).not.toMatch(/ldap|\.ts|at /);
  });
});
