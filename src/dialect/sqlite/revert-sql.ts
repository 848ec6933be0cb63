import { ExactDecimal, InvalidText, type StoredValue } from '../../model/stored-value';
import type { RevertSql, StoredColumn } from '../revert-sql';
import { quoteName, quoteText } from './quote';

export const sqliteRevertSql: RevertSql = {
  // The key of a table that is its row id is given one where it has none.
  listColumns: (table) => ({
    sql: `SELECT name, hidden IN (2, 3) AS isGenerated,
      "notnull" = 1 AND dflt_value IS NULL AND hidden = 0 AND NOT (pk > 0 AND upper(type) = 'INTEGER') AS isRequired
    FROM pragma_table_xinfo(${quoteText(table)}, 'main') WHERE hidden <> 1 ORDER BY cid`,
    parameters: [],
  }),
  // For each column its storage class and its value, TEXT as its bytes.
  selectRow({ name: table }, columns, key) {
    const values = columns.map(quoteName).map((name) => {
      return `typeof(${name}), CASE typeof(${name}) WHEN 'text' THEN CAST(${name} AS BLOB) ELSE ${name} END`;
    });
    const sql = `SELECT ${values.join(', ')} FROM ${main(table)} WHERE ${conditions(key)} LIMIT 2`;
    return { sql, parameters: key.map(binding) };
  },
  toStored: (_table, columns, row) => columns.map((_, index) => stored(row[2 * index] as string, row[2 * index + 1])),
  insertRow: ({ name: table }, values) => ({
    sql: `INSERT INTO ${main(table)} (${values.map(({ name }) => quoteName(name)).join(', ')}) VALUES (${values.map(place).join(', ')})`,
    parameters: values.map(binding),
  }),
  updateRow: ({ name: table }, values, key) => ({
    sql: `UPDATE ${main(table)} SET ${values.map((value) => `${quoteName(value.name)} = ${place(value)}`).join(', ')} WHERE ${conditions(key)}`,
    parameters: [...values, ...key].map(binding),
  }),
  deleteRow: ({ name: table }, key) => ({
    sql: `DELETE FROM ${main(table)} WHERE ${conditions(key)}`,
    parameters: key.map(binding),
  }),
};

function main(table: string): string {
  return `main.${quoteName(table)}`;
}

function conditions(key: readonly StoredColumn[]): string {
  return key.map((column) => `${quoteName(column.name)} IS ${place(column)}`).join(' AND ');
}

/** Numbers are cast to their storage class, which not every driver can bind; the sign takes the affinity of CAST away. */
function place({ value }: StoredColumn): string {
  if (typeof value === 'bigint') return '+CAST(? AS INTEGER)';
  if (typeof value === 'number') return '+CAST(? AS REAL)';
  return value instanceof InvalidText ? 'CAST(? AS TEXT)' : '?';
}

function binding({ value }: StoredColumn): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (value instanceof InvalidText) return value.bytes;
  return value instanceof ExactDecimal ? value.digits : value;
}

function stored(type: string, value: unknown): StoredValue {
  if (type !== 'text') return value as StoredValue;
  const bytes = value as Buffer;
  const text = bytes.toString();
  return Buffer.from(text).equals(bytes) ? text : new InvalidText(bytes);
}
