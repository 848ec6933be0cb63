import type Database from 'better-sqlite3';
import { DataSource } from 'typeorm';
import { describe, expect, it } from 'vitest';
import { type AuditEntry, AuditTrail, auditContext, type RecentQuery } from '../../src/index';
import { compareRollups } from '../crash/oracle/read-log';
import { readDatabase } from '../crash/oracle/snapshot';
import { Random } from '../crash/random';
import { afterTest, temporaryFile } from '../support/databases';
import { Note } from '../support/note';
import { logStatements, type RunStatement } from '../support/statement-log';

const begin = Date.parse('2026-01-31T23:00:00Z');
const hourMs = 3_600_000;

/** More entries than a search looks at in a turn, of a clock that is set back now and then, and what reads ran. */
async function withLog() {
  const statements: RunStatement[] = [];
  const database = temporaryFile();
  const dataSource = new DataSource({
    type: 'better-sqlite3',
    database,
    entities: [Note],
    synchronize: true,
    prepareDatabase: (connection: Database.Database) => logStatements(connection, statements),
  });
  // On the one connection, whose statements can be watched.
  const trail = await AuditTrail.attach(dataSource, { drain: false, readers: false });
  afterTest(() => dataSource.destroy());
  const notes = dataSource.getRepository(Note);
  for (let group = 0; group < 25; group += 1) {
    await auditContext.run({ actor: `actor ${group % 5}`, correlationId: `request ${group % 20}` }, async () => {
      await notes.insert(Array.from({ length: 100 }, () => ({ text: `of ${group}` })));
      await notes.update({ text: `of ${group}` }, { text: 'changed' });
      await dataSource.query('DELETE FROM note WHERE id % 50 = 7');
      if (group % 5 === 0) await trail.record({ name: 'noted', entity: 'Group', entityId: String(group + 1) });
    });
  }
  // Within three hours, and mostly onwards.
  await dataSource.query(
    `UPDATE audit_outbox SET recorded_at = ${begin} + id * 2000 - (id % 11 = 3) * (id * 977 % 600000)`,
  );
  await trail.flush();
  return { dataSource, trail, statements, database };
}

async function everything(trail: AuditTrail, query: RecentQuery): Promise<AuditEntry[]> {
  const entries: AuditEntry[] = [];
  for (let cursor: string | undefined; ;) {
    const page = await trail.recent({ ...query, ...(cursor && { cursor }) });
    entries.push(...page.entries);
    if (page.nextCursor === null) return entries;
    cursor = page.nextCursor;
  }
}

const dimensions = [
  'entity',
  'entityId',
  'operation',
  'actor',
  'correlationId',
  'transactionId',
  'field',
  'time',
] as const;

/** A filter on some of the dimensions, with the values of an entry, so that there is mostly something to find. */
function filterLike(entry: AuditEntry, of: readonly string[], random: Random): RecentQuery {
  const at = Date.parse(entry.recordedAt);
  const [from, to] = [at - random.whole(1, hourMs), at + random.whole(1, hourMs)].map((time) =>
    new Date(time).toISOString(),
  );
  return {
    ...(of.includes('entity') && { entity: entry.entity }),
    ...(of.includes('entityId') && { entityId: entry.entityId! }),
    ...(of.includes('operation') && { operation: entry.operation }),
    ...(of.includes('actor') && { actor: entry.actor! }),
    ...(of.includes('correlationId') && { correlationId: entry.correlationId! }),
    ...(of.includes('transactionId') && { transactionId: entry.transactionId }),
    ...(of.includes('field') && { field: entry.changes[0]?.field ?? 'text' }),
    ...(of.includes('time') && { ...(random.chance(0.7) && { from: from! }), ...(random.chance(0.7) && { to: to! }) }),
  };
}

function matches(entry: AuditEntry, { field, from, to, limit: _, ...same }: RecentQuery): boolean {
  return (
    Object.entries(same).every(([name, value]) => entry[name as keyof AuditEntry] === value) &&
    (field === undefined || entry.changes.some((change) => change.field === field)) &&
    (from === undefined || entry.recordedAt >= from) &&
    (to === undefined || entry.recordedAt < to)
  );
}

describe('recent() on a log of several turns', () => {
  it('finds by any combination of filters what looking at every entry finds', async () => {
    const { trail, database } = await withLog();
    const all = await everything(trail, { limit: 500 });
    expect(all.length).toBeGreaterThan(5000);
    const random = new Random(7);
    for (let round = 0; round < 256; round += 1) {
      const of = dimensions.filter((_, index) => (round >> index) & 1);
      const query = { ...filterLike(random.pick(all), of, random), limit: 500 };
      const ids = (await everything(trail, query)).map(({ id }) => id);
      expect(ids, JSON.stringify(query)).toEqual(all.filter((entry) => matches(entry, query)).map(({ id }) => id));
    }
    expect(readDatabase(database, compareRollups)).toEqual([]);
  });

  it('looks at no more entries at a time than the limit or a turn says, and sorts none', async () => {
    const { trail, statements, database } = await withLog();
    const { entries } = await trail.recent({ limit: 500 });
    const random = new Random(7);
    statements.length = 0;
    for (let round = 0; round < 256; round += 1) {
      const of = dimensions.filter((_, index) => (round >> index) & 1);
      await trail.recent(filterLike(random.pick(entries), of, random));
      await trail.recent({ ...filterLike(random.pick(entries), of, random), field: 'nothing' });
    }
    const plans = readDatabase(database, (connection) => {
      const reads = new Map(statements.filter(({ sql }) => sql.includes('audit_entry')).map((one) => [one.sql, one]));
      return [...reads.values()].map(({ sql, values }) => ({
        sql,
        values,
        steps: connection.all(`EXPLAIN QUERY PLAN ${sql}`, ...values) as { detail: string }[],
      }));
    });
    expect(plans.length).toBeGreaterThan(100);
    for (const { sql, values, steps } of plans) {
      const details = steps.map(({ detail }) => detail).join('\n');
      // Without a condition it ends at the limit; the reach of a turn at its offset.
      const isBounded = /OFFSET \?$/.test(sql) || !sql.includes('WHERE (');
      if (!isBounded) expect(details, sql).not.toMatch(/SCAN (e|x|audit_entry)\b/);
      expect(details, sql).not.toContain('TEMP B-TREE');
      // What another index tells is asked of it entry by entry, and the entries themselves are not read for it.
      expect(details, sql).not.toMatch(/SEARCH x (?!USING COVERING INDEX)/);
      // Of the entries themselves no turn looks at more than one to know how far it reaches.
      if (/NOT INDEXED(?![^]* IN \(SELECT)[^]*OFFSET \?$/.test(sql)) expect(values.at(-1), sql).toBe(0);
    }
  });

  it('asks at most five queries for stats and for the dashboard, none of which reads all entries', async () => {
    const { trail, statements } = await withLog();
    for (const read of [() => trail.stats(), () => trail.dashboard()]) {
      const runs: string[][] = [];
      while (runs.length < 10) {
        statements.length = 0;
        await read();
        runs.push(statements.map(({ sql }) => sql).filter((sql) => /^\s*(SELECT|WITH)/i.test(sql)));
      }
      // What the drain has left to do, it does in between.
      const queries = runs.reduce((least, run) => (run.length < least.length ? run : least));
      expect(queries.length, queries.join('\n')).toBeLessThanOrEqual(5);
      expect(queries.length).toBeGreaterThan(2);
      for (const sql of queries) if (sql.includes('audit_entry')) expect(sql).toMatch(/LIMIT \?$|sqlite_master/);
    }
  });
});
