import type { DataSource } from 'typeorm';
import type { Snapshot } from '../oracle/snapshot';
import { addSelected, selectValues, type ServerTable, type TimeTerms } from './table-sql';

/** The rows of tables as stored. */
export async function readSnapshot(
  dataSource: DataSource,
  tables: readonly ServerTable[],
  terms: TimeTerms,
): Promise<Snapshot> {
  const snapshot: Snapshot = new Map();
  for (const table of tables) {
    const rows = await dataSource.query<Record<string, unknown>[]>(
      `SELECT ${selectValues(table.columns)} FROM ${table.path}`,
    );
    snapshot.set(table.name, addSelected(table, rows, terms));
  }
  return snapshot;
}
