import fastify from 'fastify';
import type { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { auditTrailPlugin } from '../../src/http/plugin';
import type { AuditTrail } from '../../src/index';
import { ask, openTrail } from './support';

let dataSource: DataSource;
let trail: AuditTrail;

beforeAll(async () => {
  ({ dataSource, trail } = await openTrail());
});

afterAll(() => dataSource.destroy());

describe('the application around the plugin', () => {
  it('keeps its own errors, bodies, limits and headers', async () => {
    await using app = fastify();
    await app.register(auditTrailPlugin, { trail });
    app.get('/fails', () => {
      throw new Error('its own words');
    });
    app.post('/echo', (request) => ({ length: String(request.body).length }));

    expect((await app.inject('/fails')).json()).toEqual({
      statusCode: 500,
      error: 'Internal Server Error',
      message: 'its own words',
    });
    expect((await app.inject('/nothing')).json()).toMatchObject({ message: 'Route GET:/nothing not found' });
    expect((await app.inject({ method: 'PUT', url: '/fails' })).statusCode).toBe(404);
    const text = { 'content-type': 'text/plain' };
    const long = await app.inject({ method: 'POST', url: '/echo', headers: text, payload: 'x'.repeat(100_000) });
    expect(long.json()).toEqual({ length: 100_000 });
    expect(long.headers['cache-control']).toBeUndefined();
    const json = { 'content-type': 'application/json' };
    const empty = await app.inject({ method: 'POST', url: '/echo', headers: json, payload: '' });
    expect(empty.json()).toMatchObject({ code: 'FST_ERR_CTP_EMPTY_JSON_BODY' });
  });

  it('is open to everyone that it was open to', async () => {
    await using app = fastify();
    await app.register(auditTrailPlugin, { trail });
    app.get('/open', () => 'open');
    expect((await app.inject({ url: '/open', remoteAddress: '10.0.0.1' })).statusCode).toBe(200);
    expect((await app.inject({ url: '/nothing', remoteAddress: '10.0.0.1' })).statusCode).toBe(404);
  });
});

describe('the plugin', () => {
  it('is not disturbed by compilers, parsers and handlers of the application', async () => {
    await using app = fastify();
    app.setErrorHandler((_error, _request, reply) => reply.code(418).send('host'));
    app.setNotFoundHandler((_request, reply) => reply.code(418).send('host'));
    const refuse = () => {
      throw new Error('not a schema of the host');
    };
    app.setValidatorCompiler(refuse);
    app.setSerializerCompiler(refuse);
    app.setReplySerializer(() => 'host');
    app.setSchemaErrorFormatter(() => new Error('host'));
    app.addContentTypeParser('application/json', (_request, _payload, done) => done(new Error('host')));
    app.addContentTypeParser('*', (_request, _payload, done) => done(new Error('host')));
    await app.register(auditTrailPlugin, { trail });

    expect((await ask(app, 'GET /api/audit/stats')).data).toHaveProperty('pending_count');
    expect((await ask(app, 'GET /api/audit/recent?limit=0')).error.message).toContain('from 1 to 500');
    expect((await ask(app, 'GET /api/audit/nothing')).error.code).toBe('AUDIT_ROUTE_NOT_FOUND');
    const flush = { headers: { 'content-type': 'application/json' }, payload: '{}' };
    expect((await ask(app, 'POST /api/audit/flush', flush)).data).toHaveProperty('flushed');
  });

  it('answers 404, not 405, where only a catch-all or CORS of the application answers other methods', async () => {
    await using app = fastify();
    app.options('*', () => '');
    app.get('/*', () => 'page');
    await app.register(auditTrailPlugin, { trail });
    expect((await ask(app, 'POST /api/audit/nothing')).status).toBe(404);
    const { status, headers } = await ask(app, 'POST /api/audit/stats');
    expect(status).toBe(405);
    expect(headers['allow']).toBe('GET, HEAD');
  });
});
