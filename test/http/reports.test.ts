import type { FastifyInstance } from 'fastify';
import type { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Recent, Stats } from '../../src/http/schemas';
import type { AuditTrail } from '../../src/index';
import { isOnServer } from '../support/any-database';
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

describe('GET /stats', () => {
  it('answers the fields that the documentation lists', async () => {
    const stats = await answerOf(app, 'GET /api/audit/stats', Stats);
    expect(Object.keys(stats).sort()).toEqual([
      'audit_database',
      'backlog',
      'batch_size',
      'capture',
      'commit_horizon',
      'commit_interval',
      'database_type',
      'deferred_mode',
      'entries_by_operation',
      'flush_failures',
      'flushed_total',
      'last_flush',
      'oldest_pending_age_ms',
      'pending_count',
      'pool',
      'quarantined_count',
      'total_entries',
      'uptime_seconds',
    ]);
    expect(Object.keys(stats['pool'] as object).sort()).toEqual([
      'exhaustions',
      'idle',
      'idle_in_transaction',
      'idle_transactions_ended',
      'in_use',
      'longest_wait_ms',
      'replaced',
      'retries',
      'size',
      'timeouts',
      'utilisation',
      'waiting',
    ]);
    expect(Object.keys(stats['capture'] as object).sort()).toEqual([
      'commits_by_other_connections',
      'missing_triggers',
      'not_captured',
      'policy_warnings',
      'stale_triggers',
      'tables',
    ]);
    expect(stats['database_type']).toBe(isOnServer() ? 'sql_server_optimized' : 'sqlite_optimized');
  });

  it('drains first with fresh=true', async () => {
    await saveAccount(dataSource, 'fresh for stats');
    const stats = await answerOf(app, 'GET /api/audit/stats?fresh=true', Stats);
    expect(stats).toMatchObject({ pending_count: 0, oldest_pending_age_ms: null });
    expect(stats['total_entries']).toBe((await trail.stats()).totalEntries);
    expect(stats['entries_by_operation']).toMatchObject({ insert: stats['total_entries'] });
  });
});

describe('GET /recent', () => {
  it('answers the fields that the documentation lists', async () => {
    const recent = await answerOf(app, 'GET /api/audit/recent?fresh=true', Recent);
    expect(Object.keys(recent).sort()).toEqual(['complete_up_to', 'entries', 'next_cursor', 'pending_count']);
    const [entry] = recent['entries'] as Record<string, unknown>[];
    expect(Object.keys(entry ?? {}).sort()).toEqual([
      'actor',
      'after',
      'before',
      'changes',
      'correlation_id',
      'entity',
      'entity_id',
      'id',
      'log_id',
      'metadata',
      'operation',
      'reason',
      'recorded_at',
      'schema_version',
      'seq',
      'source',
      'table',
      'transaction_id',
    ]);
  });
});

describe('every answer', () => {
  it('is kept out of caches', async () => {
    for (const request of ['GET /api/audit/stats', 'GET /api/audit/nothing', 'GET /api/audit/recent?limit=x']) {
      expect((await ask(app, request)).headers).toMatchObject({
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
      });
    }
  });

  it('is there for HEAD, without a body', async () => {
    expect(await ask(app, 'HEAD /api/audit/stats')).toMatchObject({ status: 200, body: '' });
  });
});
