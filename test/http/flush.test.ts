import type { FastifyInstance } from 'fastify';
import type { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Flush } from '../../src/http/schemas';
import type { AuditTrail } from '../../src/index';
import { isOnServer } from '../support/any-database';
import { answerOf, ask, openApp, openTrail, saveAccount } from './support';

let app: FastifyInstance;
let dataSource: DataSource;
let trail: AuditTrail;

beforeAll(async () => {
  // What the background drain takes first, flush does not report.
  ({ dataSource, trail } = await openTrail({ drain: false }));
  app = await openApp({ trail });
  await saveAccount(dataSource, 'first');
});

afterAll(async () => {
  await app.close();
  await dataSource.destroy();
});

describe('POST /flush', () => {
  it('says how many entries it wrote, which are none where they are written at once', async () => {
    await trail.flush();
    await saveAccount(dataSource, 'to flush');
    const flush = await answerOf(app, 'POST /api/audit/flush', Flush);
    expect(Object.keys(flush).sort()).toEqual(['duration_ms', 'flushed', 'pending_count']);
    expect(flush).toMatchObject({ flushed: isOnServer() ? 0 : 1, pending_count: 0 });
    expect(await answerOf(app, 'POST /api/audit/flush', Flush)).toMatchObject({ flushed: 0, pending_count: 0 });
  });

  it.each([
    ['no content type', {}],
    ['JSON and an empty body', { headers: { 'content-type': 'application/json' }, payload: '' }],
    ['JSON and white space', { headers: { 'content-type': 'application/json; charset=utf-8' }, payload: '\n' }],
    ['a form and an empty body', { headers: { 'content-type': 'application/x-www-form-urlencoded' }, payload: '' }],
    ['an empty object', { payload: {} }],
    ['null', { headers: { 'content-type': 'application/json' }, payload: 'null' }],
  ])('takes %s', async (_name, options) => {
    expect((await ask(app, 'POST /api/audit/flush', options)).status).toBe(200);
  });
});
