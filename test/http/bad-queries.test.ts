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

describe('a query string', () => {
  it.each([
    ['limit=-1', 'limit must be an integer from 1 to 500, not "-1".'],
    ['limit=0', 'limit must be an integer from 1 to 500, not "0".'],
    ['limit=501', 'limit must be an integer from 1 to 500, not "501".'],
    ['limit=1e9', 'limit must be an integer from 1 to 500, not "1e9".'],
    ['limit=1000000000', 'limit must be an integer from 1 to 500, not "1000000000".'],
    ['limit=abc', 'limit must be an integer from 1 to 500, not "abc".'],
    ['limit=0x10', 'limit must be an integer from 1 to 500, not "0x10".'],
    ['limit=1e1', 'limit must be an integer from 1 to 500, not "1e1".'],
    ['limit=%205', 'limit must be an integer from 1 to 500, not " 5".'],
    ['limit=1.5', 'limit must be an integer from 1 to 500, not "1.5".'],
    ['limit=', 'limit must be an integer from 1 to 500, not "".'],
    ['limit=1&limit=2', 'limit must be an integer from 1 to 500, not ["1","2"].'],
    ['fresh=1', 'fresh must be true or false, not "1".'],
    ['fresh=yes', 'fresh must be true or false, not "yes".'],
    ['fresh', 'fresh must be true or false, not "".'],
    ['actor=', 'actor must be given once, with a value, not "".'],
    ['actor=a&actor=b', 'actor must be given once, with a value, not ["a","b"].'],
    ['from=2026-02-01&to=2026-01-31', 'from must not be later than to'],
    ['reveal=password', 'reveal must name columns as Entity.property, separated by commas, not "password".'],
    ['reveal=User.password,', 'separated by commas, not "".'],
  ])('%s is refused: %s', async (query, message) => {
    const { status, error } = await ask(app, `GET /api/audit/recent?${query}`);
    expect(status).toBe(400);
    expect(error.code).toBe('AUDIT_INVALID_QUERY');
    expect(error.message).toContain(message);
    expect(error.remedy).not.toBe('');
  });

  it.each([
    'yesterday',
    '2026-02-30',
    '2026-13-01',
    '26-01-01',
    '2026-01-01T00:00:00',
    '2026-01-01T24:00:00Z',
    '2026-01-01T00:00:00.1234Z',
    '2026-01-01T00:00:00 02:00',
    '1767225600000',
    ' 2026-01-01',
  ])('from=%j is refused', async (from) => {
    const { status, error } = await ask(app, 'GET /api/audit/recent', { query: { from } });
    expect(status).toBe(400);
    expect(error).toMatchObject({ code: 'AUDIT_INVALID_QUERY', details: { value: from } });
    expect(error.message).toMatch(/^from must be an ISO 8601 date/);
  });

  it('with an operation that does not exist is told those that do', async () => {
    const { status, error } = await ask(app, 'GET /api/audit/recent?operation=INSERT');
    expect(status).toBe(400);
    expect(error.message).toMatch(/^operation must be one of insert, update, delete, .*schema, not "INSERT"\.$/);
    expect(error.details).toEqual({ value: 'INSERT' });
  });

  it('with unknown parameters is told them, and those there are', async () => {
    const { status, error } = await ask(app, 'GET /api/audit/recent?entityId=1&__proto__=2&limit=x');
    expect(status).toBe(400);
    expect(error.code).toBe('AUDIT_INVALID_QUERY');
    expect(error.message).toBe(
      'Unknown parameters entityId, __proto__; there are limit, cursor, entity, entity_id, operation, actor, ' +
        'correlation_id, transaction_id, field, from, to, fresh, reveal. ' +
        'limit must be an integer from 1 to 500, not "x".',
    );
    expect(error.details).toEqual({ value: JSON.parse('{"entityId":"1","__proto__":"2","limit":"x"}') as unknown });
  });

  it.each(['GET /api/audit/stats?limit=1', 'GET /api/audit/dashboard?limit=1', 'POST /api/audit/flush?limit=1'])(
    '%s is refused',
    async (request) => {
      const { status, error } = await ask(app, request);
      expect(status).toBe(400);
      expect(error.code).toBe('AUDIT_INVALID_QUERY');
      expect(error.message).toMatch(/^Unknown parameter limit; there are/);
    },
  );

  it.each(['%00', 'broken', '%7B%7D', 'eyJpZCI6MX0', '-1', 'x'.repeat(5_000)])(
    'with a broken cursor is refused',
    async (cursor) => {
      const { status, error } = await ask(app, `GET /api/audit/recent?cursor=${cursor}`);
      expect(status).toBe(400);
      expect(error.code).toBe('AUDIT_INVALID_CURSOR');
      expect(error.remedy).toContain('next_cursor');
    },
  );
});
