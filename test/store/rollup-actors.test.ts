import { DataSource } from 'typeorm';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { AuditRollupActors1763900000000 } from '../../migrations/1763900000000-audit-rollup-actors';
import { auditContext } from '../../src/index';
import { compareRollups } from '../crash/oracle/read-log';
import { readDatabase } from '../crash/oracle/snapshot';
import { audited, temporaryFile } from '../support/databases';
import { Note } from '../support/note';

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'] }));
afterEach(() => void vi.useRealTimers());

const changes = {
  '2025-11-30T23:59': 'ann',
  '2025-12-01T00:00': 'bob',
  '2025-12-31T12:00': 'bob',
  '2026-01-31T08:00': 'ann',
};

/** A log of those changes, flushed. */
async function logOf(url?: string) {
  const { dataSource, trail } = await audited([Note], { ...(url !== undefined && { url }) });
  for (const [at, actor] of Object.entries(changes)) {
    vi.setSystemTime(new Date(`${at}:00.000Z`));
    await auditContext.run({ actor }, () => dataSource.getRepository(Note).insert({ text: at }));
  }
  await trail.flush();
  return { dataSource, trail };
}

it('the most active are those of this month and the one before, across a new year', async () => {
  const { trail } = await logOf();
  const topActorsAt = async (at: string) => {
    vi.setSystemTime(new Date(`${at}-15T00:00:00.000Z`));
    return (await trail.dashboard()).topActors;
  };
  const [ann, bob] = [
    { name: 'ann', count: 1 },
    { name: 'bob', count: 2 },
  ];
  expect(await topActorsAt('2025-11')).toEqual([ann]);
  expect(await topActorsAt('2025-12')).toEqual([bob, ann]);
  expect(await topActorsAt('2026-01')).toEqual([bob, ann]);
  expect(await topActorsAt('2026-02')).toEqual([ann]);
  expect(await topActorsAt('2026-03')).toEqual([]);
});

it('roll-ups by month and actor become those of two months, and the log gives them back', async () => {
  const file = temporaryFile();
  await (await logOf(`sqlite:${file}`)).dataSource.destroy();
  const old = new DataSource({ type: 'better-sqlite3', database: file });
  await old.initialize();
  const migration = new AuditRollupActors1763900000000();
  await migration.down(old.createQueryRunner());
  const byMonth = `SELECT bucket, actor, entries FROM audit_rollup WHERE period IN ('actor', 'two-months') ORDER BY bucket`;
  expect(await old.query(byMonth)).toEqual([
    { bucket: '2025-11', actor: 'ann', entries: 1 },
    { bucket: '2025-12', actor: 'bob', entries: 2 },
    { bucket: '2026-01', actor: 'ann', entries: 1 },
  ]);
  await migration.up(old.createQueryRunner());
  await old.destroy();
  expect(readDatabase(file, compareRollups)).toEqual([]);
});
