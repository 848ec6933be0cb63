import Database from 'better-sqlite3';
import { type ColumnMaps, toColumnMaps } from '../../src/testing/oracle/column-map';

/** The column maps as they stand in the database, read past the library. */
export function readColumnMaps(file: string): ColumnMaps {
  const database = new Database(file, { readonly: true });
  try {
    const rows = database.prepare(`SELECT name, value FROM audit_meta`).all();
    return toColumnMaps(rows as { name: string; value: string }[]);
  } finally {
    database.close();
  }
}
