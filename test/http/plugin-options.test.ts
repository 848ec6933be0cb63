import fastify from 'fastify';
import type { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import defaultExport, { auditTrailPlugin, type AuditPluginOptions } from '../../src/http/plugin';
import { InvalidOptionError, type AuditTrail } from '../../src/index';
import { ask, openApp, openTrail } from './support';

let dataSource: DataSource;
let trail: AuditTrail;

beforeAll(async () => {
  ({ dataSource, trail } = await openTrail());
});

afterAll(() => dataSource.destroy());

describe('prefix', () => {
  it('is /api/audit if none is given', async () => {
    await using app = await openApp({ trail });
    expect((await ask(app, 'GET /api/audit/stats')).status).toBe(200);
  });

  it('moves all routes', async () => {
    await using app = await openApp({ trail, prefix: '/api/calculations/audit' });
    expect((await ask(app, 'GET /api/calculations/audit/stats')).status).toBe(200);
    expect((await ask(app, 'GET /api/calculations/audit/x')).error.remedy).toContain(
      'GET /api/calculations/audit/stats',
    );
    expect((await ask(app, 'GET /api/audit/stats')).status).toBe(404);
  });

  it('goes below that of the scope', async () => {
    await using app = fastify();
    await app.register(async (scope) => void (await scope.register(auditTrailPlugin, { trail, prefix: '/log' })), {
      prefix: '/v1',
    });
    expect((await ask(app, 'GET /v1/log/stats')).status).toBe(200);
    expect((await ask(app, 'GET /v1/log/x')).error.remedy).toContain('GET /v1/log/stats');
  });

  it('lets one application serve several trails', async () => {
    await using app = fastify();
    await app.register(auditTrailPlugin, { trail });
    await app.register(defaultExport, { trail, prefix: '/tenants/:tenant/audit', authorize: () => false });
    expect((await ask(app, 'GET /api/audit/stats')).status).toBe(200);
    expect((await ask(app, 'GET /tenants/7/audit/stats')).status).toBe(403);
  });
});

describe('routes', () => {
  it('can be moved', async () => {
    await using app = await openApp({ trail, routes: { stats: '/numbers', flush: '/drain/now' } });
    expect((await ask(app, 'GET /api/audit/numbers')).status).toBe(200);
    expect((await ask(app, 'POST /api/audit/drain/now')).status).toBe(200);
    expect((await ask(app, 'GET /api/audit/recent')).status).toBe(200);
    const { status, error } = await ask(app, 'GET /api/audit/stats');
    expect(status).toBe(404);
    expect(error.remedy).toContain('GET /api/audit/numbers, GET /api/audit/recent, POST /api/audit/drain/now');
  });

  it('can be switched off', async () => {
    await using app = await openApp({ trail, routes: { flush: false, dashboard: false } });
    expect((await ask(app, 'POST /api/audit/flush')).status).toBe(404);
    const { status, error } = await ask(app, 'GET /api/audit/dashboard');
    expect(status).toBe(404);
    expect(error.remedy).toBe('Use one of: GET /api/audit/stats, GET /api/audit/recent.');
  });
});

describe('a bad option', () => {
  it.each<[string, unknown]>([
    ['trail', {}],
    ['trail', { trail: null }],
    ['trail', { trail: { stats: () => undefined } }],
    ['prefix', { prefix: '' }],
    ['prefix', { prefix: '/' }],
    ['prefix', { prefix: 'audit' }],
    ['prefix', { prefix: '/audit/' }],
    ['prefix', { prefix: '/audit?x' }],
    ['prefix', { prefix: '/audit/*' }],
    ['prefix', { prefix: 5 }],
    ['authorize', { authorize: true }],
    ['authorise', { authorise: () => false }],
    ['routes', { routes: null }],
    ['routes', { routes: { stats: '/recent' } }],
    ['routes.stat', { routes: { stat: false } }],
    ['routes.stats', { routes: { stats: true } }],
    ['routes.stats', { routes: { stats: 'stats' } }],
    ['routes.recent', { routes: { recent: '/:id' } }],
  ])('%s is refused at registration (%j)', async (name, options) => {
    await using app = fastify();
    const given = { ...(name === 'trail' ? {} : { trail }), ...(options as object) } as AuditPluginOptions;
    const registered = Promise.resolve(app.register(auditTrailPlugin, given));
    await expect(registered).rejects.toThrow(InvalidOptionError);
    await expect(registered).rejects.toThrow(`The option ${name} of the Fastify plugin`);
  });
});
