import { request, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import fastify, { type FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { installErrorEnvelope, sendError } from '../../src/http/plugin';
import { InvalidQueryError, LockTimeoutError } from '../../src/index';
import { ask } from './support';

let app: FastifyInstance;
const logged: string[] = [];

beforeAll(async () => {
  const stream = { write: (line: string) => void logged.push(line) };
  app = fastify({ frameworkErrors: sendError, logger: { level: 'error', stream } });
  installErrorEnvelope(app, { routes: ['GET /things/:id'] });
  const querystring = {
    type: 'object',
    required: ['size'],
    properties: { size: { type: 'integer', minimum: 1, maximum: 3 } },
  };
  app.get('/things/:id', { schema: { querystring } }, () => 'thing');
  const body = { type: 'object', properties: { name: { type: 'object', properties: { first: { type: 'string' } } } } };
  app.put('/things/:id', { schema: { body } }, () => 'thing');
  const throwing: Record<string, () => unknown> = {
    '/unforeseen': () => new Error('SELECT secret FROM t'),
    '/text': () => 'only a text',
    '/domain': () =>
      Object.assign(new Error('No such thing.'), {
        statusCode: 404,
        code: 'THING_NOT_FOUND',
        remedy: 'Ask for another.',
      }),
    '/conflict': () => Object.assign(new Error('Changed meanwhile.'), { status: 409, code: 'not a code' }),
    '/busy': () => Object.assign(new Error('queue of 7 at db-3'), { statusCode: 503 }),
    '/locked': () => new LockTimeoutError('The database was busy for 30 s.', { value: 'internal' }),
    '/big': () => new InvalidQueryError('Too big.', { value: 'x'.repeat(5_000) }),
    '/cyclic': () => {
      const value: { self?: unknown } = {};
      value.self = value;
      return new InvalidQueryError('Cyclic.', { value });
    },
    '/bigint': () => new InvalidQueryError('No JSON.', { value: 1n }),
    '/small': () => new InvalidQueryError('Small.', { value: { a: [1, null] } }),
  };
  for (const [path, make] of Object.entries(throwing)) {
    app.get(path, () => {
      throw make();
    });
  }
  await app.ready();
});

afterAll(() => app.close());

describe('an error of the library', () => {
  it('answers with its own code and status, and the value if that is small JSON', async () => {
    const { status, error } = await ask(app, 'GET /small');
    expect(status).toBe(400);
    expect(error).toEqual({
      code: 'AUDIT_INVALID_QUERY',
      message: 'Small.',
      remedy: InvalidQueryError.remedy,
      details: { value: { a: [1, null] } },
    });
    for (const path of ['/big', '/cyclic', '/bigint']) {
      const answer = await ask(app, `GET ${path}`);
      expect(answer.status).toBe(400);
      expect(answer.error.details).toBeUndefined();
    }
  });

  it('of the service itself keeps the value, and says when to try again', async () => {
    const { status, headers, error } = await ask(app, 'GET /locked');
    expect(status).toBe(503);
    expect(headers['retry-after']).toBe('1');
    expect(error.code).toBe('AUDIT_LOCK_TIMEOUT');
    expect(error.details).toBeUndefined();
  });
});

describe('another error', () => {
  it.each(['/unforeseen', '/text'])('%s answers 500 and is logged, with nothing of it in the answer', async (path) => {
    logged.length = 0;
    const { status, body, error } = await ask(app, `GET ${path}`);
    expect(status).toBe(500);
    expect(error).toMatchObject({ code: 'AUDIT_INTERNAL', message: 'An unexpected error occurred.' });
    expect(body).not.toMatch(/secret|only|\.ts/);
    expect(logged).toHaveLength(1);
    expect(logged[0]).toContain(String(error.details?.['request_id']));
    expect(logged[0]).toMatch(/secret|only a text/);
  });

  it('with a 4xx status keeps its status, code, message and remedy', async () => {
    const { status, error } = await ask(app, 'GET /domain');
    expect(status).toBe(404);
    expect(error).toEqual({ code: 'THING_NOT_FOUND', message: 'No such thing.', remedy: 'Ask for another.' });
  });

  it('with a 4xx status and no code gets one', async () => {
    const { status, error } = await ask(app, 'GET /conflict');
    expect(status).toBe(409);
    expect(error).toMatchObject({ code: 'AUDIT_REQUEST_REFUSED', message: 'Changed meanwhile.' });
    expect(error.remedy).not.toBe('');
  });

  it('with status 503 keeps that, not its message', async () => {
    const { status, headers, error } = await ask(app, 'GET /busy');
    expect(status).toBe(503);
    expect(headers['retry-after']).toBe('1');
    expect(error).toMatchObject({ code: 'AUDIT_UNAVAILABLE', message: 'The service cannot answer now.' });
  });
});

describe('what Fastify refuses', () => {
  it('by a schema is named with its range', async () => {
    const { status, error } = await ask(app, 'GET /things/1?size=7');
    expect(status).toBe(400);
    expect(error).toMatchObject({
      code: 'AUDIT_INVALID_QUERY',
      message: 'size must be an integer from 1 to 3, not 7.',
    });
    expect((await ask(app, 'GET /things/1')).error.message).toBe("The querystring must have required property 'size'.");
  });

  it('in a body is named by its path', async () => {
    const { status, error } = await ask(app, 'PUT /things/1', { payload: { name: { first: { x: 1 } } } });
    expect(status).toBe(400);
    expect(error).toMatchObject({
      code: 'AUDIT_INVALID_REQUEST',
      message: 'name.first must be string, not {"x":1}.',
      details: { value: { x: 1 } },
    });
  });

  it('for its form answers a stable code', async () => {
    const json = { 'content-type': 'application/json' };
    const answers = [
      await ask(app, 'PUT /things/1', { headers: json, payload: '{' }),
      await ask(app, 'PUT /things/1', { headers: json, payload: '' }),
      await ask(app, 'PUT /things/1', { headers: json, payload: `"${'x'.repeat(2_000_000)}"` }),
      await ask(app, 'PUT /things/1', { headers: { 'content-type': 'text/xml' }, payload: '<a/>' }),
      await ask(app, 'GET /things/%zz'),
    ];
    expect(answers.map(({ status, error }) => [status, error.code])).toEqual([
      [400, 'AUDIT_INVALID_REQUEST'],
      [400, 'AUDIT_INVALID_REQUEST'],
      [413, 'AUDIT_PAYLOAD_TOO_LARGE'],
      [415, 'AUDIT_UNSUPPORTED_MEDIA_TYPE'],
      [400, 'AUDIT_INVALID_REQUEST'],
    ]);
  });
});

describe('a path of the application', () => {
  it('that does not exist names the routes it was told', async () => {
    const { status, error } = await ask(app, 'GET /nothing?key=secret');
    expect(status).toBe(404);
    expect(error).toMatchObject({
      code: 'AUDIT_ROUTE_NOT_FOUND',
      message: 'There is no route GET /nothing.',
      remedy: 'Use one of: GET /things/:id.',
    });
  });

  it.each(['DELETE /things/1', 'POST /things/a%20b?x=1'])('%s answers 405, parameters and all', async (request) => {
    const { status, headers, error } = await ask(app, request);
    expect(status).toBe(405);
    expect(headers['allow']).toBe('GET, HEAD, PUT');
    expect(error.code).toBe('AUDIT_METHOD_NOT_ALLOWED');
  });

  it('is not made up for OPTIONS *', async () => {
    await app.listen({ host: '127.0.0.1', port: 0 });
    const { port } = app.server.address() as AddressInfo;
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      request({ host: '127.0.0.1', port, method: 'OPTIONS', path: '*' }, resolve).on('error', reject).end();
    });
    response.resume();
    expect(response.statusCode).toBe(404);
  });
});
