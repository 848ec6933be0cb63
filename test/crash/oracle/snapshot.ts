import { openSqlite, type SqliteFile, storedRows } from '../../support/sqlite';
import { keyOf, type Shapes } from './shape';
import { type Row, storedOf } from './stored';

/** Rows by key, by table. */
export type Snapshot = Map<string, Map<string, Row>>;

/** Reads a database file as another program would: through a connection of its own that can't write. */
export function readDatabase<T>(file: string, read: (database: SqliteFile) => T): T {
  const database = openSqlite(file, { readonly: true });
  try {
    // One transaction, so that everything read belongs to one instant.
    database.exec('BEGIN');
    return read(database);
  } finally {
    database.close();
  }
}

export function takeSnapshot(database: SqliteFile, shapes: Shapes): Snapshot {
  const snapshot: Snapshot = new Map();
  for (const [table, shape] of Object.entries(shapes)) {
    const rows = new Map<string, Row>();
    for (const values of storedRows(database, table)) {
      const row = Object.fromEntries(Object.entries(values).map(([column, value]) => [column, storedOf(value)]));
      rows.set(keyOf(shape, row), row);
    }
    snapshot.set(table, rows);
  }
  return snapshot;
}

export function emptySnapshot(shapes: Shapes): Snapshot {
  return new Map(Object.keys(shapes).map((table) => [table, new Map<string, Row>()]));
}

export function copySnapshot(snapshot: Snapshot): Snapshot {
  return new Map([...snapshot].map(([table, rows]) => [table, new Map(rows)]));
}
