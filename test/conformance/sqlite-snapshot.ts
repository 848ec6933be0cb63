import Database from 'better-sqlite3';
import type { Snapshot, TableState } from '../../src/testing/oracle/snapshot';
import {
  addSelected,
  type ColumnInfo,
  emptyTable,
  isApplicationTable,
  selectColumns,
  selectRows,
  selectTables,
} from '../../src/testing/sqlite/table-sql';

/** Reads a database file through a read-only connection of its own: bytes and storage classes, nothing converted. */
export function takeSnapshot(file: string): Snapshot {
  const database = new Database(file, { readonly: true });
  try {
    const tables = database.prepare(selectTables).pluck().all() as string[];
    return new Map(
      tables.filter(isApplicationTable).map((name): [string, TableState] => [name, readTable(database, name)]),
    );
  } finally {
    database.close();
  }
}

function readTable(database: Database.Database, name: string): TableState {
  const table = emptyTable(database.prepare(selectColumns).all(name) as ColumnInfo[]);
  const rows = database.prepare(selectRows(name, table.columns));
  return addSelected(table, rows.iterate() as Iterable<Record<string, unknown>>);
}
