import Database from 'better-sqlite3';
import { isDeepStrictEqual } from 'node:util';
import { type RawEntry, toEntry } from '../crash/oracle/entry';
import { compareJournal, type JournaledOperation, type JournalReport } from '../crash/oracle/journal';
import { compareRollups, countPending } from '../crash/oracle/read-log';
import { replay } from '../crash/oracle/replay';
import { readDatabase, type Snapshot, takeSnapshot } from '../crash/oracle/snapshot';
import { poison } from './calculation-requests';
import { calculationTables } from './calculation-tables';
import type { ServiceProcess } from './service-process';

interface EntryJson {
  id: number;
  table: string;
  operation: string;
  transaction_id: string;
  actor: string | null;
  reason: string | null;
  correlation_id: string | null;
  source: string | null;
  before: Record<string, unknown> | null;
  after: Record<string, unknown> | null;
  changes: { field: string; before: unknown; after: unknown }[];
}

export function snapshotOf(file: string): Snapshot {
  return readDatabase(file, (database) => takeSnapshot(database, calculationTables));
}

export function pendingIn(file: string): number {
  return readDatabase(file, countPending);
}

/**
 * Triggers that end a transaction after it has written: when a calculation of that name gets its link, with the
 * statement; when one of that owner gets its new result, with the whole transaction.
 */
export function installPoison(file: string): void {
  const database = new Database(file);
  database.exec(`
    CREATE TRIGGER IF NOT EXISTS poisoned_link AFTER INSERT ON user_calculation_uses
      WHEN (SELECT name FROM user_calculation WHERE id = NEW."userCalculationId") LIKE '${poison}%'
      BEGIN SELECT RAISE(ABORT, 'poisoned'); END;
    CREATE TRIGGER IF NOT EXISTS poisoned_result AFTER UPDATE OF status ON user_calculation
      WHEN OLD.status = 'pending' AND NEW.owner LIKE '${poison}%'
      BEGIN SELECT RAISE(ROLLBACK, 'poisoned'); END;
  `);
  database.close();
}

/** Everything the trail has by now, read as a client of the API reads it, oldest first. */
export async function readLog(service: ServiceProcess, name: string): Promise<RawEntry[]> {
  const entries: EntryJson[] = [];
  let query = 'fresh=true&limit=500';
  for (;;) {
    const { body } = await service.ask<{ entries: EntryJson[]; next_cursor: string | null }>(
      name,
      `GET /calculations/audit/recent?${query}`,
    );
    entries.push(...body.data.entries);
    if (body.data.next_cursor === null) return entries.reverse().map(toRaw);
    query = `limit=500&cursor=${encodeURIComponent(body.data.next_cursor)}`;
  }
}

function toRaw({
  transaction_id: transactionId,
  correlation_id: correlationId,
  changes,
  ...entry
}: EntryJson): RawEntry {
  for (const { field, before, after } of changes) {
    const images = [entry.before?.[field] ?? null, entry.after?.[field] ?? null];
    if (!isDeepStrictEqual(images, [before, after]))
      throw new Error(`entry ${entry.id}: "${field}" is not as in the images`);
  }
  return { ...entry, transactionId, correlationId, fields: changes.map(({ field }) => field) };
}

export interface AuditReport extends JournalReport {
  /** Entries compared, by operation. */
  entries: Map<string, number>;
}

/** Both oracles, and the roll-ups. */
export function compare(
  file: string,
  before: Snapshot,
  log: readonly RawEntry[],
  journal: readonly JournaledOperation[],
): AuditReport {
  const entries = log.map((raw) => toEntry(calculationTables, raw));
  // What the migrations did at the start is in no client's journal.
  const report = compareJournal(
    journal,
    entries.filter(({ source }) => source === 'http'),
  );
  report.problems.push(...replay(calculationTables, before, entries, snapshotOf(file)));
  report.problems.push(...readDatabase(file, compareRollups));
  const counts = new Map<string, number>();
  for (const { operation } of entries) counts.set(operation, (counts.get(operation) ?? 0) + 1);
  return { ...report, entries: counts };
}
