import type { BoundColumn, RevertSql } from '../revert-sql';
import { quoteName, quoteText } from './quote';

export const sqliteRevertSql: RevertSql = {
  // The key of a table that is its row id is given one where it has none.
  listColumns: (table) =>
    `SELECT name, hidden IN (2, 3) AS isGenerated,
      "notnull" = 1 AND dflt_value IS NULL AND hidden = 0 AND NOT (pk > 0 AND upper(type) = 'INTEGER') AS isRequired
    FROM pragma_table_xinfo(${quoteText(table)}, 'main') WHERE hidden <> 1 ORDER BY cid`,
  selectRow(table, columns, key) {
    const values = columns.map(quoteName).map((name) => {
      return `typeof(${name}), CASE typeof(${name}) WHEN 'text' THEN CAST(${name} AS BLOB) ELSE ${name} END`;
    });
    return `SELECT ${values.join(', ')} FROM ${main(table)} WHERE ${conditions(key)} LIMIT 2`;
  },
  insertRow: (table, values) =>
    `INSERT INTO ${main(table)} (${values.map(({ name }) => quoteName(name)).join(', ')}) VALUES (${values.map(place).join(', ')})`,
  updateRow: (table, values, key) =>
    `UPDATE ${main(table)} SET ${values.map((value) => `${quoteName(value.name)} = ${place(value)}`).join(', ')} WHERE ${conditions(key)}`,
  deleteRow: (table, key) => `DELETE FROM ${main(table)} WHERE ${conditions(key)}`,
};

function main(table: string): string {
  return `main.${quoteName(table)}`;
}

function conditions(key: readonly BoundColumn[]): string {
  return key.map((column) => `${quoteName(column.name)} IS ${place(column)}`).join(' AND ');
}

function place({ isTextBytes }: BoundColumn): string {
  return isTextBytes ? 'CAST(? AS TEXT)' : '?';
}
