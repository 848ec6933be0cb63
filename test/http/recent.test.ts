import type { FastifyInstance } from 'fastify';
import type { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { auditContext, type AuditTrail } from '../../src/index';
import { Account, ask, openApp, openTrail, saveAccount } from './support';

interface EntryJson {
  id: number;
  entity_id: string;
  operation: string;
  transaction_id: string;
  recorded_at: string;
  before: Record<string, unknown> | null;
  after: Record<string, unknown> | null;
  changes: { field: string; before: unknown; after: unknown }[];
  metadata: Record<string, unknown> | null;
}

let app: FastifyInstance;
let dataSource: DataSource;
let trail: AuditTrail;
let account: Account;

const settings = {
  deepValue: { innerNull: null, list: [null, { camelCase: 1.5 }] },
  'two\nlines': true,
};
const metadata = { requestPath: '/a', nestedValue: { nothingHere: null } };

beforeAll(async () => {
  ({ dataSource, trail } = await openTrail());
  app = await openApp({ trail });
  account = await saveAccount(dataSource, 'Ada', { settings, secretNote: 'hush' });
  await auditContext.run({ actor: 'bob', reason: 'moved', metadata }, () =>
    dataSource.getRepository(Account).save({ id: account.id, address: { city: 'Basel' } }),
  );
  await saveAccount(dataSource, 'Grace');
  await dataSource.query(`INSERT INTO account (ownerName, settings, addressCity) VALUES ('Raw', 'no JSON', '')`);
});

afterAll(async () => {
  await app.close();
  await dataSource.destroy();
});

async function recent(query: Record<string, string> = {}): Promise<{ entries: EntryJson[]; next: string | null }> {
  const { status, data, body } = await ask(app, 'GET /api/audit/recent', { query: { fresh: 'true', ...query } });
  expect(status, body).toBe(200);
  return { entries: data['entries'] as EntryJson[], next: data['next_cursor'] as string | null };
}

describe('images, changes and metadata', () => {
  it('arrive as the trail has them, key for key', async () => {
    const { entries } = await trail.recent({ fresh: true });
    const answered = await recent();
    const pick = ({ before, after, changes, metadata }: Pick<EntryJson, 'before' | 'after' | 'changes' | 'metadata'>) =>
      JSON.parse(JSON.stringify({ before, after, changes, metadata })) as unknown;
    expect(answered.entries.map(pick)).toEqual(entries.map(pick));
  });

  it('keep nested nulls, property paths and keys of any form', async () => {
    const { entries } = await recent({ entity_id: String(account.id) });
    const [update, insert] = entries;
    expect(insert?.after).toMatchObject({ 'address.city': 'Bern', ownerName: 'Ada', settings });
    expect(insert?.before).toBeNull();
    expect(update?.changes).toEqual([{ field: 'address.city', before: 'Bern', after: 'Basel' }]);
    expect(update?.metadata).toEqual(metadata);
  });

  it('keep the tag of a value that its column does not expect', async () => {
    const { entries } = await recent({ operation: 'insert', limit: '1' });
    expect(entries[0]?.after?.['settings']).toEqual({ $stored: { type: 'text', value: 'no JSON' } });
  });

  it('mask select: false columns unless they are revealed by name', async () => {
    const insert = { entity_id: String(account.id), operation: 'insert' };
    expect(JSON.stringify(await recent(insert))).not.toContain('hush');
    const { entries } = await recent({ ...insert, reveal: 'Account.secretNote' });
    expect(entries[0]?.after?.['secretNote']).toBe('hush');
  });
});

describe('filters', () => {
  it.each([
    [{ entity: 'Account' }, 4],
    [{ operation: 'update' }, 1],
    [{ actor: 'anna' }, 2],
    [{ correlation_id: 'request-1' }, 2],
    [{ field: 'address.city', operation: 'update' }, 1],
    [{ from: '2000-01-01', to: '2999-01-01T00:00:00+02:00' }, 4],
    [{ to: '2000-01-01T00:00Z' }, 0],
    [{ from: '2000-01-01', to: '2000-01-01' }, 0],
    [{ actor: 'anna', operation: 'update' }, 0],
  ])('%j leaves %i', async (query: Record<string, string>, count) => {
    expect((await recent(query)).entries).toHaveLength(count);
  });

  it('takes what an entry says of itself', async () => {
    const [newest] = (await recent()).entries;
    const { transaction_id = '', recorded_at = '', entity_id = '' } = newest ?? {};
    expect((await recent({ transaction_id })).entries).toEqual([newest]);
    expect((await recent({ entity_id })).entries).toEqual([newest]);
    expect((await recent({ from: recorded_at })).entries).toContainEqual(newest);
    expect((await recent({ to: recorded_at })).entries).not.toContainEqual(newest);
  });
});

describe('pages', () => {
  it('follow each other by cursor, newest first', async () => {
    const ids: number[] = [];
    let cursor: string | null = null;
    do {
      const page = await recent({ limit: '3', ...(cursor !== null && { cursor }) });
      ids.push(...page.entries.map(({ id }) => id));
      cursor = page.next;
    } while (cursor !== null);
    expect(ids).toHaveLength(4);
    expect(ids).toEqual([...new Set(ids)].sort((a, b) => b - a));
  });

  it.each(['1', '500'])('take a limit of %s', async (limit) => {
    expect((await recent({ limit })).entries.length).toBeGreaterThan(0);
  });
});
