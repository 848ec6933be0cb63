import type { Engine } from '../dialect/engine';
import type { BoundColumn, RevertSql } from '../dialect/revert-sql';
import { InvalidText, type StoredValue } from '../model/stored-value';

/** A column by name with a value as stored. */
export interface StoredColumn {
  name: string;
  value: StoredValue;
}

/** Values of the rows that have the key, as stored: none, one, or two where it is not one row's alone. */
export function readRows(
  engine: Engine,
  sql: RevertSql,
  table: string,
  columns: readonly string[],
  key: readonly StoredColumn[],
): StoredValue[][] {
  const select = sql.selectRow(table, columns, key.map(bound));
  const rows = engine.selectStored(select, key.map(binding), () => true);
  return rows.map((row) => columns.map((_, index) => toStored(row[2 * index] as string, row[2 * index + 1])));
}

/** How a column is written in SQL. */
export function bound({ name, value }: StoredColumn): BoundColumn {
  return { name, isTextBytes: value instanceof InvalidText };
}

/** What is bound for it. */
export function binding({ value }: StoredColumn): unknown {
  return value instanceof InvalidText ? value.bytes : value;
}

function toStored(type: string, value: unknown): StoredValue {
  if (type !== 'text') return value as StoredValue;
  const bytes = value as Buffer;
  const text = bytes.toString();
  return Buffer.from(text).equals(bytes) ? text : new InvalidText(bytes);
}
