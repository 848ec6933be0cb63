import { blobCell, integerCell, nullCell, realCell, textCell, type Cell } from '../oracle/cell';
import { addRow, makeRow, type Row, type TableState } from '../oracle/snapshot';

/**
 * The statements by which the oracle reads tables, and what becomes of their rows. It knows SQLite by itself: were this
 * shared with the library's dialect, a fault there would hide here as well.
 */

/** Tables that are not the application's data: the log's own, SQLite's, and the book-keeping of migrations. */
const notApplication =
  /^(sqlite_|audit_(outbox|entry|context|rollup|meta|migrations)$|migrations$|typeorm_metadata$|truth_log$)/;

const auditTable = /^audit_(outbox|entry|context|rollup|meta|migrations)$/;

export interface ColumnInfo {
  name: string;
  /** Position in the key from 1 on, 0 outside it. */
  pk: number | bigint;
}

export const selectTables = `SELECT name FROM main.sqlite_schema WHERE type = 'table' ORDER BY name`;

export function isApplicationTable(name: string): boolean {
  return !notApplication.test(name);
}

export function isAuditTable(name: string): boolean {
  return auditTable.test(name);
}

/** Columns of a table, generated ones too; the one parameter is its name. */
export const selectColumns = `SELECT name, pk FROM pragma_table_xinfo(?) WHERE hidden <> 1 ORDER BY cid`;

export const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** Storage class `t0` and value `v0` of each column, and so on: bytes of texts, because decoding loses what is not UTF-8. */
export function selectRows(table: string, columns: readonly string[], schema = 'main'): string {
  const selected = columns.map((column, index) => {
    const c = quote(column);
    // An INTEGER as text, because a driver may round it.
    return `typeof(${c}) AS t${index}, CASE typeof(${c}) WHEN 'integer' THEN CAST(${c} AS TEXT) WHEN 'real' THEN ${c}
      ELSE CAST(${c} AS BLOB) END AS v${index}`;
  });
  return `SELECT ${selected.join(', ')} FROM ${schema}.${quote(table)}`;
}

/** One row that `selectRows` gave, in the order of its columns. */
export function toCells(selected: Record<string, unknown>, columns: readonly string[]): Cell[] {
  return columns.map((_, index) => toCell(selected[`t${index}`] as string, selected[`v${index}`]));
}

export function toRow(selected: Record<string, unknown>, columns: readonly string[]): Row {
  const cells = toCells(selected, columns);
  return makeRow(columns.map((column, index) => [column, cells[index]!]));
}

export function emptyTable(info: readonly ColumnInfo[]): TableState {
  return {
    columns: info.map(({ name }) => name),
    key: info.filter(({ pk }) => Number(pk) > 0).map(({ name }) => name),
    rows: new Map(),
  };
}

export function addSelected(table: TableState, rows: Iterable<Record<string, unknown>>): TableState {
  for (const row of rows) addRow(table, toRow(row, table.columns));
  return table;
}

function toCell(type: string, value: unknown): Cell {
  switch (type) {
    case 'null':
      return nullCell;
    case 'integer':
      return integerCell(BigInt(value as string));
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
