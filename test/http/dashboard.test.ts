import type { FastifyInstance } from 'fastify';
import type { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DashboardReport } from '../../src/http/schemas';
import type { AuditTrail } from '../../src/index';
import { answerOf, ask, openApp, openTrail, saveAccount } from './support';

let app: FastifyInstance;
let dataSource: DataSource;
let trail: AuditTrail;

beforeAll(async () => {
  ({ dataSource, trail } = await openTrail());
  app = await openApp({ trail });
  await saveAccount(dataSource, 'first');
});

afterAll(async () => {
  await app.close();
  await dataSource.destroy();
});

describe('GET /dashboard', () => {
  it('answers JSON to a program', async () => {
    const dashboard = await answerOf(app, 'GET /api/audit/dashboard?fresh=true', DashboardReport);
    expect(Object.keys(dashboard).sort()).toEqual([
      'complete_up_to',
      'days',
      'entries_by_operation',
      'hours',
      'latest',
      'pending_count',
      'top_actors',
      'top_entities',
      'total_entries',
    ]);
    expect(dashboard['hours']).toHaveLength(24);
    expect(dashboard['days']).toHaveLength(30);
    expect(dashboard['top_entities']).toEqual([{ name: 'Account', count: dashboard['total_entries'] }]);
  });

  it('answers a page to a browser, with the data as text', async () => {
    await saveAccount(dataSource, '<script>alert(1)</script>', {
      secretNote: 'hush',
      settings: { note: '"><img src=x>' },
    });
    const accept = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8';
    const page = await ask(app, 'GET /api/audit/dashboard?fresh=true', { headers: { accept } });
    expect(page.status).toBe(200);
    expect(page.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(page.headers['content-security-policy']).toMatch(/^default-src 'none'; style-src 'sha256-/);
    expect(page.headers['vary']).toBe('accept');
    expect(page.body).toContain('Account');
    expect(page.body).toContain('alert(1)');
    expect(page.body).not.toMatch(/<script|<img|hush/);
  });

  it.each([
    ['*/*', 'application/json'],
    ['application/json, text/html', 'application/json'],
    ['text/html;q=0.5, application/json', 'application/json'],
    ['text/html;q=0', 'application/json'],
    ['TEXT/HTML', 'text/html'],
    ['application/json;q=0.1, text/html;level=1', 'text/html'],
  ])('answers an Accept of %s with %s', async (accept, type) => {
    const { headers } = await ask(app, 'GET /api/audit/dashboard', { headers: { accept } });
    expect(headers['content-type']).toBe(`${type}; charset=utf-8`);
  });

  it('is a page before the first entry too', async () => {
    const empty = await openTrail();
    const opened = await openApp({ trail: empty.trail });
    const page = await ask(opened, 'GET /api/audit/dashboard', { headers: { accept: 'text/html' } });
    expect(page.body).toContain('0 entries');
    expect(page.body.match(/Nothing yet\./g)).toHaveLength(4);
    await opened.close();
    await empty.dataSource.destroy();
  });
});
