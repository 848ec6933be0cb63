import Database from 'better-sqlite3';
import { blobCell, integerCell, nullCell, realCell, textCell, type Cell } from './cell';
import { addRow, makeRow, type Snapshot, type TableState } from './snapshot';

/** Tables that are not the application's data: the log's own, SQLite's, and the book-keeping of migrations. */
const notApplication =
  /^(sqlite_|audit_(outbox|entry|context|rollup|meta|migrations)$|migrations$|typeorm_metadata$|truth_log$)/;

const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** Reads a database file through a read-only connection of its own: bytes and storage classes, nothing converted. */
export function takeSnapshot(file: string): Snapshot {
  const database = new Database(file, { readonly: true });
  try {
    const tables = database
      .prepare(`SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name`)
      .pluck()
      .all() as string[];
    return new Map(
      tables
        .filter((name) => !notApplication.test(name))
        .map((name): [string, TableState] => [name, readTable(database, name)]),
    );
  } finally {
    database.close();
  }
}

function readTable(database: Database.Database, name: string): TableState {
  const info = database
    .prepare(`SELECT name, pk FROM pragma_table_xinfo(?) WHERE hidden <> 1 ORDER BY cid`)
    .all(name) as {
    name: string;
    pk: number;
  }[];
  const columns = info.map((column) => column.name);
  const key = info.filter(({ pk }) => pk > 0).map((column) => column.name);
  const table: TableState = { columns, key, rows: new Map() };
  // Text as bytes, because as a string it would be decoded, and decoding loses what is not UTF-8.
  const selected = columns.map((column) => {
    const c = quote(column);
    return `typeof(${c}), CASE WHEN typeof(${c}) IN ('text', 'blob') THEN CAST(${c} AS BLOB) ELSE ${c} END`;
  });
  const rows = database
    .prepare(`SELECT ${selected.join(', ')} FROM main.${quote(name)}`)
    .safeIntegers()
    .raw();
  for (const values of rows.iterate() as Iterable<unknown[]>) {
    addRow(table, makeRow(columns.map((column, i) => [column, toCell(values[2 * i] as string, values[2 * i + 1])])));
  }
  return table;
}

function toCell(type: string, value: unknown): Cell {
  switch (type) {
    case 'null':
      return nullCell;
    case 'integer':
      return integerCell(value as bigint);
    case 'real':
      return realCell(value as number);
    case 'text':
      return textCell(value as Buffer);
    case 'blob':
      return blobCell(value as Buffer);
    default:
      throw new Error(`unknown storage class ${type}`);
  }
}
