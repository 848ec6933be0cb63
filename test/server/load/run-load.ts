import { setTimeout as sleep } from 'node:timers/promises';
import type { DataSource } from 'typeorm';
import { auditContext, type AuditEntry, AuditTrail, createDataSource, type PoolStats } from 'typeorm-audit-trail';
import { JournalWriter, readJournals } from '../../crash/journal-file';
import { type Entry, toEntry } from '../../crash/oracle/entry';
import { compareJournal, type JournalReport } from '../../crash/oracle/journal';
import { replay } from '../../crash/oracle/replay';
import { keyOf } from '../../crash/oracle/shape';
import { emptySnapshot, type Snapshot } from '../../crash/oracle/snapshot';
import { integer, type Row, text } from '../../crash/oracle/stored';
import { Random } from '../../crash/random';
import type { OwnDatabase } from './database';
import { Counter, entities, tables } from './entities';
import { counterCount, Writer } from './writer';

export interface LoadOptions {
  /** Empty; for the journals. */
  folder: string;
  seconds: number;
  seed: number;
  writers: number;
  /** Connections of the pool. */
  connections: number;
  /** The time between two kills of connections; 0: none. */
  killEveryMs: number;
}

export interface LoadResult {
  problems: string[];
  report: JournalReport;
  entries: Map<string, number>;
  /** By code, of all writers. */
  failures: Map<string, number>;
  retries: number;
  kills: number;
  pool: PoolStats;
}

/** The victim of a deadlock. */
const expectedFailures = ['AUDIT_TRANSACTION_LOST'];
const failuresOfKills = ['AUDIT_CONNECTION_LOST', 'AUDIT_OUTCOME_UNKNOWN', 'AUDIT_UNAVAILABLE'];
/** A server may take long to make connections, and for its first statement on each. */
const patient = { acquireTimeoutMs: 120_000, statementTimeoutMs: 120_000, connectTimeoutMs: 60_000 };

/**
 * Many writers on one pool. In the end the entries must equal the committed changes, by replay and by the journals of all
 * writers, and no writer may have met an error that says nothing.
 */
export async function runLoad(database: OwnDatabase, options: LoadOptions): Promise<LoadResult> {
  const random = new Random(options.seed);
  const dataSource = createDataSource(database.url, {
    entities,
    synchronize: true,
    connection: { ...patient, minConnections: options.connections, maxConnections: options.connections },
    audit: { idleTransactionTimeoutMs: 0 },
  });
  const trail = await AuditTrail.attach(dataSource);
  try {
    const journal = new JournalWriter(options.folder, 'start');
    await seed(dataSource, journal);
    await warmUp(dataSource, options.connections);
    const allowed = new Set(options.killEveryMs > 0 ? [...expectedFailures, ...failuresOfKills] : expectedFailures);
    const writers = Array.from({ length: options.writers }, (_, index) => {
      const name = `writer ${index}`;
      const own = new Random(random.whole(0, 2 ** 31));
      return new Writer(name, index * 100_000, own, new JournalWriter(options.folder, name), allowed);
    });
    const until = Date.now() + options.seconds * 1000;
    const work = Promise.all(writers.map((writer) => writer.run(dataSource, () => Date.now() >= until)));
    const { kills, lastKill } = await killForAWhile(database, options, random, until);
    await work;
    const problems = options.killEveryMs > 0 && kills === 0 ? ['no connection was killed'] : [];
    if (kills > 0) {
      // Whoever was hit goes on without help.
      await Promise.all(writers.map((writer) => writer.run(dataSource, () => writer.lastDone > lastKill)));
    }
    const stats = await trail.stats({ fresh: true });
    const pool = await quietPool(trail);
    const { inUse, waiting, idleInTransaction } = pool;
    if (inUse > 0 || waiting > 0 || idleInTransaction > 0) {
      problems.push(`connections are left in use: ${JSON.stringify(pool)}`);
    }
    const all = await readAll(trail);
    const compared = await compare(database, options.folder, all);
    problems.push(...compared.problems, ...compareCounts(stats.entriesByOperation, all));
    const failures = new Map<string, number>();
    for (const writer of writers) for (const [code, count] of writer.failures) add(failures, code, count);
    const entries = new Map<string, number>();
    for (const { operation } of all) add(entries, operation, 1);
    return { ...compared, problems, entries, failures, kills, retries: pool.retries, pool };
  } finally {
    await dataSource.destroy();
  }
}

/** Roll-ups have a connection now and then; one that is left in use stays so. */
async function quietPool(trail: AuditTrail): Promise<PoolStats> {
  for (let attempt = 1; ; attempt += 1) {
    const { pool } = await trail.stats();
    if (pool.inUse === 0 || attempt === 20) return pool;
    await sleep(100);
  }
}

/** The rows that all writers share. */
async function seed(dataSource: DataSource, journal: JournalWriter): Promise<void> {
  const counters = Array.from({ length: counterCount }, (_, index) => ({ id: index + 1, value: 0 }));
  const context = { actor: 'seed', reason: 'seed', source: 'load', correlationId: 'seed' };
  const expected = counters.map(({ id }) => ({ table: 'counter', operation: 'insert', after: { id: integer(id) } }));
  journal.write({ intent: { ...context, kind: 'seed', expected } });
  await auditContext.run(context, () => dataSource.getRepository(Counter).insert(counters));
  journal.write({ acknowledged: context.correlationId });
}

/** Has every connection made, and each has met the triggers: what is measured is the load, not the start. */
async function warmUp(dataSource: DataSource, connections: number): Promise<void> {
  const runners = Array.from({ length: connections }, () => dataSource.createQueryRunner());
  await Promise.all(
    runners.map(async (runner) => {
      await runner.startTransaction();
      await runner.query('UPDATE counter SET value = value + 1 WHERE id < 0');
      await runner.rollbackTransaction();
      await runner.release();
    }),
  );
}

async function killForAWhile(database: OwnDatabase, options: LoadOptions, random: Random, until: number) {
  let [kills, lastKill] = [0, 0];
  while (options.killEveryMs > 0 && Date.now() < until) {
    await sleep(Math.min(options.killEveryMs, until - Date.now()));
    kills += await database.killSome(random);
    lastKill = Date.now();
  }
  return { kills, lastKill };
}

/** All entries, oldest first. */
async function readAll(trail: AuditTrail): Promise<AuditEntry[]> {
  const entries: AuditEntry[] = [];
  for (let cursor: string | undefined; ;) {
    const page = await trail.recent({ limit: 500, ...(cursor !== undefined && { cursor }) });
    entries.push(...page.entries);
    if (page.nextCursor === null) return entries.reverse();
    cursor = page.nextCursor;
  }
}

async function compare(database: OwnDatabase, folder: string, all: readonly AuditEntry[]) {
  const entries: Entry[] = all.map(({ changes, ...entry }) =>
    toEntry(tables, { ...entry, fields: changes.map(({ field }) => field) }),
  );
  const now = await database.withPlain(takeSnapshot);
  const journal = readJournals(folder);
  const report = compareJournal(journal.operations, entries);
  const problems = [...journal.problems, ...replay(tables, emptySnapshot(tables), entries, now), ...report.problems];
  return { report, problems };
}

async function takeSnapshot(dataSource: DataSource): Promise<Snapshot> {
  const snapshot: Snapshot = new Map();
  for (const [table, shape] of Object.entries(tables)) {
    const rows = new Map<string, Row>();
    for (const values of await dataSource.query<Record<string, unknown>[]>(`SELECT * FROM [${table}]`)) {
      const row: Row = {};
      for (const [column, value] of Object.entries(values)) {
        row[column] = typeof value === 'number' ? integer(value) : text(value as string);
      }
      rows.set(keyOf(shape, row), row);
    }
    snapshot.set(table, rows);
  }
  return snapshot;
}

function compareCounts(counted: Partial<Record<string, number>>, all: readonly AuditEntry[]): string[] {
  const real = new Map<string, number>();
  for (const { operation } of all) add(real, operation, 1);
  return [...new Set([...real.keys(), ...Object.keys(counted)])].flatMap((operation) =>
    (counted[operation] ?? 0) === (real.get(operation) ?? 0)
      ? []
      : [`the roll-ups have ${counted[operation]} of ${operation}, and there are ${real.get(operation)}`],
  );
}

function add(counts: Map<string, number>, key: string, count: number): void {
  counts.set(key, (counts.get(key) ?? 0) + count);
}
