import type { Snapshot, TableState } from '../../src/testing/oracle/snapshot';
import { column, openSqlite, type SqliteFile } from '../support/sqlite';
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
  const database = openSqlite(file, { readonly: true });
  try {
    const tables = column(database, selectTables) as string[];
    return new Map(
      tables.filter(isApplicationTable).map((name): [string, TableState] => [name, readTable(database, name)]),
    );
  } finally {
    database.close();
  }
}

function readTable(database: SqliteFile, name: string): TableState {
  const table = emptyTable(database.all(selectColumns, name) as unknown as ColumnInfo[]);
  return addSelected(table, database.all(selectRows(name, table.columns)));
}
