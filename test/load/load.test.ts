import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { compare, installPoison, readLog, snapshotOf } from './audit-check';
import { makeClients } from './calculation-client';
import { ServiceProcess } from './service-process';

const clientCount = 50;
/** How long the load lasts; longer with LOAD_SECONDS. */
const seconds = Number(process.env.LOAD_SECONDS ?? 3);
/** Of each client, however long it takes: a slow machine must not compare too little. */
const leastRequests = 12;
/** Entries to compare at least, of each operation. */
const leastEntries = 5;
const operations = ['insert', 'update', 'delete', 'soft_delete', 'restore', 'link', 'unlink'];

test(`${clientCount} clients that change calculations at once leave exactly the entries of their changes`, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'audit-trail-load-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'calculations.sqlite');
  const seed = Date.now() % 1_000_000;
  const clients = makeClients(clientCount, 'client', seed);
  const { name } = clients[0]!;
  const service = await ServiceProcess.start(
    file,
    clients.map((client) => client.name),
  );
  onTestFinished(() => service.signal('SIGKILL').then(() => undefined));
  installPoison(file);
  const earlier = (await readLog(service, name)).length;
  const before = snapshotOf(file);

  const end = Date.now() + seconds * 1000;
  await Promise.all(
    clients.map(async (client) => {
      while (Date.now() < end || client.journal.length < leastRequests) expect(await client.change(service)).toBe(true);
    }),
  );
  const log = (await readLog(service, name)).slice(earlier);
  const journal = clients.flatMap((client) => client.journal);
  const report = compare(file, before, log, journal);
  const stats = await service.ask<{ pending_count: number; total_entries: number }>(
    name,
    'GET /calculations/audit/stats',
  );

  process.stdout.write(
    `seed ${seed}, ${seconds} s, ${journal.length} requests compared: ${list(report.operations)}\n` +
      `${log.length} entries compared: ${list(report.entries)}; at least ${leastEntries} of each\n`,
  );
  expect(clients.flatMap((client) => client.problems)).toEqual([]);
  expect(report.problems).toEqual([]);
  expect(stats.body.data).toMatchObject({ pending_count: 0, total_entries: earlier + log.length });
  expect(operations.filter((operation) => (report.entries.get(operation) ?? 0) < leastEntries)).toEqual([]);
}, 600_000);

function list(counts: ReadonlyMap<string, number>): string {
  return [...counts].map(([name, count]) => `${name} ${count}`).join(', ');
}
