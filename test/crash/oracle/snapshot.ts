import Database from 'better-sqlite3';
import { keyOf, type Shapes } from './shape';
import { type Row, storedOf } from './stored';

/** Rows by key, by table. */
export type Snapshot = Map<string, Map<string, Row>>;

/** Reads a database file as another program would: through a connection of its own that can't write. */
export function readDatabase<T>(file: string, read: (database: Database.Database) => T): T {
  const database = new Database(file, { readonly: true });
  try {
    // One transaction, so that everything read belongs to one instant.
    return database.transaction(() => read(database))();
  } finally {
    database.close();
  }
}

export function takeSnapshot(database: Database.Database, shapes: Shapes): Snapshot {
  const snapshot: Snapshot = new Map();
  for (const [table, shape] of Object.entries(shapes)) {
    const rows = new Map<string, Row>();
    for (const values of database.prepare(`SELECT * FROM "${table}"`).safeIntegers().iterate()) {
      const row = Object.fromEntries(
        Object.entries(values as Record<string, unknown>).map(([column, value]) => [column, storedOf(value)]),
      );
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
