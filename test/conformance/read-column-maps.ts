import { type ColumnMaps, toColumnMaps } from '../../src/testing/oracle/column-map';
import { openSqlite } from '../support/sqlite';

/** The column maps as they stand in the database, read past the library. */
export function readColumnMaps(file: string): ColumnMaps {
  const database = openSqlite(file, { readonly: true });
  try {
    return toColumnMaps(database.all(`SELECT name, value FROM audit_meta`) as { name: string; value: string }[]);
  } finally {
    database.close();
  }
}
