import { Socket } from 'node:net';
import { expect, test, vi } from 'vitest';
import { auditContext, AuditTrail, type RecentQuery } from '../../src/index';
import { afterTest, audited } from '../support/databases';
import { freshDatabase, stockOnServer, wire } from '../support/mssql';
import { Note } from '../support/note';

/** Nothing in the background sends anything meanwhile. */
const open = async () => audited([Note], { url: await freshDatabase(), drain: false });

test('a page of recent is one round trip, its horizon in it', async () => {
  const { dataSource, trail } = await open();
  await auditContext.run({ actor: 'ann', correlationId: 'c' }, () =>
    dataSource.getRepository(Note).insert({ text: 'a' }),
  );
  // Column maps are read once.
  await trail.recent();
  const queries: RecentQuery[] = [{}, { entity: 'Note' }, { actor: 'ann', limit: 1 }, { correlationId: 'c' }];
  for (const query of queries) {
    const before = Date.now();
    const sent = await wire.during(async () => {
      const { entries, completeUpTo } = await trail.recent(query);
      expect(entries).toHaveLength(1);
      // To the second: the server's clock is another.
      expect(Date.parse(completeUpTo)).toBeGreaterThan(before - 2000);
    });
    expect(sent.map(({ kind }) => kind)).toEqual(['rpc']);
  }
});

test('texts of any length are declared alike, so that a server has one plan for all of them', async () => {
  const { dataSource, trail } = await open();
  const declared = async (work: () => Promise<unknown>) =>
    (await wire.during(work)).map(({ sql, parameters }) => [
      sql,
      parameters.find(({ name }) => name === 'params')?.value,
    ]);
  const insert = (actor: string, reason?: string) =>
    declared(() =>
      auditContext.run({ actor, reason }, () => dataSource.getRepository(Note).insert({ text: 'the same' })),
    );
  expect(await insert('ann', 'because')).toEqual(await insert('x'.repeat(255)));
  await trail.recent();
  const read = (actor: string) => declared(() => trail.recent({ actor }));
  expect(await read('ann')).toEqual(await read('x'.repeat(255)));
});

test('a span of time has the entries that roll-ups hold, and those that they do not hold yet', async () => {
  const { dataSource, trail } = await open();
  const notes = dataSource.getRepository(Note);
  await notes.insert({ text: 'counted' });
  await trail.flush();
  await notes.insert({ text: 'not yet' });
  const { entries } = await trail.recent();
  const [second, first] = entries.map(({ recordedAt }) => recordedAt) as [string, string];
  const after = (instant: string) => new Date(Date.parse(instant) + 1).toISOString();
  const found = async (query: RecentQuery) => (await trail.recent(query)).entries.map(({ after }) => after!['text']);
  expect(await found({ from: first })).toEqual(['not yet', 'counted']);
  expect(await found({ from: '2000-01-01', to: after(second) })).toEqual(['not yet', 'counted']);
  expect(await found({ from: first, to: second })).toEqual(['counted']);
  expect(await found({ from: second })).toEqual(['not yet']);
  expect(await found({ from: after(second) })).toEqual([]);
  expect(await found({ to: first })).toEqual([]);
});

test('no packet of a long message waits for the one before, on a DataSource of the application either', async () => {
  const told = vi.spyOn(Socket.prototype, 'setNoDelay');
  afterTest(() => told.mockRestore());
  const dataSource = await stockOnServer([Note], await freshDatabase());
  await dataSource.query('SELECT 1');
  expect(told).not.toHaveBeenCalled();
  await AuditTrail.attach(dataSource, { drain: false });
  await dataSource.query('SELECT 1');
  expect(told).toHaveBeenCalled();
});
