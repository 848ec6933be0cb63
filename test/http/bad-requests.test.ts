import type { FastifyInstance } from 'fastify';
import type { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask, openApp, openTrail } from './support';

let app: FastifyInstance;
let dataSource: DataSource;

beforeAll(async () => {
  const { trail, ...opened } = await openTrail();
  dataSource = opened.dataSource;
  app = await openApp({ trail });
});

afterAll(async () => {
  await app.close();
  await dataSource.destroy();
});

describe('a path', () => {
  it.each(['GET /api/audit/nothing', 'GET /api/audit', 'PUT /api/audit/nothing', 'GET /api/audit/stats/deeper'])(
    '%s does not exist, and is told what does',
    async (request) => {
      const { status, error } = await ask(app, request);
      expect(status).toBe(404);
      expect(error.code).toBe('AUDIT_ROUTE_NOT_FOUND');
      expect(error.message).toBe(`There is no route ${request}.`);
      expect(error.remedy).toBe(
        'Use one of: GET /api/audit/stats, GET /api/audit/recent, POST /api/audit/flush, GET /api/audit/dashboard.',
      );
    },
  );

  it.each([
    ['POST /api/audit/stats', 'GET, HEAD'],
    ['DELETE /api/audit/recent?limit=1', 'GET, HEAD'],
    ['OPTIONS /api/audit/dashboard', 'GET, HEAD'],
    ['GET /api/audit/flush', 'POST'],
    ['PUT /api/audit/flush', 'POST'],
  ])('%s is told the methods there are', async (request, allow) => {
    const { status, headers, error } = await ask(app, request);
    expect(status).toBe(405);
    expect(headers['allow']).toBe(allow);
    expect(error.code).toBe('AUDIT_METHOD_NOT_ALLOWED');
    expect(error.message).toContain(allow);
  });

  it('is judged before the body', async () => {
    const bad = { headers: { 'content-type': 'application/json' }, payload: '{' };
    expect((await ask(app, 'POST /api/audit/nothing', bad)).status).toBe(404);
    expect((await ask(app, 'POST /api/audit/stats', bad)).status).toBe(405);
    const xml = { headers: { 'content-type': 'application/xml' }, payload: '<a/>' };
    expect((await ask(app, 'POST /api/audit/stats', xml)).status).toBe(405);
  });
});

describe('a body', () => {
  const json = { 'content-type': 'application/json' };

  it.each([
    ['bad JSON', { headers: json, payload: '{"a":' }, 400, 'AUDIT_INVALID_REQUEST'],
    ['a poisoned prototype', { headers: json, payload: '{"__proto__":{}}' }, 400, 'AUDIT_INVALID_REQUEST'],
    ['fields', { payload: { timeout: 5 } }, 400, 'AUDIT_INVALID_REQUEST'],
    ['a value', { headers: json, payload: '1' }, 400, 'AUDIT_INVALID_REQUEST'],
    ['10 MB', { headers: json, payload: `"${'x'.repeat(10_000_000)}"` }, 413, 'AUDIT_PAYLOAD_TOO_LARGE'],
    [
      '10 MB of text',
      { headers: { 'content-type': 'text/plain' }, payload: 'x'.repeat(1e7) },
      413,
      'AUDIT_PAYLOAD_TOO_LARGE',
    ],
    ['XML', { headers: { 'content-type': 'text/xml' }, payload: '<a/>' }, 415, 'AUDIT_UNSUPPORTED_MEDIA_TYPE'],
    ['no content type', { payload: 'text' }, 415, 'AUDIT_UNSUPPORTED_MEDIA_TYPE'],
    ['a broken content type', { headers: { 'content-type': '/' }, payload: 'a' }, 415, 'AUDIT_UNSUPPORTED_MEDIA_TYPE'],
  ])('of %s is refused', async (_name, options, expected, code) => {
    const { status, error } = await ask(app, 'POST /api/audit/flush', options);
    expect(status).toBe(expected);
    expect(error.code).toBe(code);
    expect(error.remedy).not.toBe('');
  });
});
