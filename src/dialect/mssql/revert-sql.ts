import { storedValue } from '../../model/trigger-image';
import type { StoredValue } from '../../model/stored-value';
import type { LiveTable, RevertSql, Statement, StoredColumn } from '../revert-sql';
import type { LiveServerColumn } from '../server-capture';
import { columnType, type TypeTerms } from './column-type';
import { quoteName } from './quote';
import { boundText, fromText, keyFromText } from './stored-text';

type Table = LiveTable<LiveServerColumn>;

/**
 * @param listColumns the statement that lists columns of tables given as a JSON list
 * @param inSchema path of a table, quoted
 */
export function revertSql(
  listColumns: string,
  inSchema: (table: string) => string,
  terms: TypeTerms,
): RevertSql<LiveServerColumn> {
  const condition = (table: Table, { name, value }: StoredColumn) => {
    const column = quoteName(name);
    return value === null ? `${column} IS NULL` : `${column} = ${keyFromText(columnOf(table, name), '?')}`;
  };
  const where = (table: Table, key: readonly StoredColumn[]) =>
    `WHERE ${key.map((column) => condition(table, column)).join(' AND ')}`;

  return {
    listColumns: (table) => ({ sql: listColumns, parameters: [JSON.stringify([table])] }),
    // Until the transaction ends nobody else changes the row, or makes one where there is none.
    selectRow(table, columns, key) {
      const values = columns.map((name, place) => `${typeOf(table, name, terms).text(quoteName(name))} AS [${place}]`);
      const sql = `SELECT TOP (2) ${values.join(', ')} FROM ${inSchema(table.name)} WITH (UPDLOCK, HOLDLOCK) ${where(table, key)}`;
      return { sql, parameters: keyBindings(key) };
    },
    toStored: (table, columns, row) =>
      columns.map((name, place): StoredValue => {
        const text = row[place] as string | null;
        return text === null ? null : storedValue(typeOf(table, name, terms).kind, text);
      }),
    insertRow: (table, values) => insertRow(table, inSchema(table.name), values),
    updateRow(table, values, key) {
      const set = values.map(({ name }) => `${quoteName(name)} = ${fromText(columnOf(table, name), '?')}`);
      return {
        sql: `UPDATE ${inSchema(table.name)} SET ${set.join(', ')} ${where(table, key)}`,
        parameters: [...values.map(binding), ...keyBindings(key)],
      };
    },
    deleteRow: (table, key) => ({
      sql: `DELETE FROM ${inSchema(table.name)} ${where(table, key)}`,
      parameters: keyBindings(key),
    }),
  };
}

/** A number that the database gives is written only where that is asked for, and one table at a time may ask. */
function insertRow(table: Table, path: string, values: readonly StoredColumn[]): Statement {
  const names = values.map(({ name }) => quoteName(name)).join(', ');
  const places = values.map(({ name }) => fromText(columnOf(table, name), '?')).join(', ');
  const insert = `INSERT INTO ${path} (${names}) VALUES (${places})`;
  const isNumbered = values.some(({ name }) => columnOf(table, name).isIdentity);
  const off = `SET IDENTITY_INSERT ${path} OFF`;
  const sql = isNumbered
    ? `SET IDENTITY_INSERT ${path} ON; BEGIN TRY ${insert} END TRY BEGIN CATCH ${off}; THROW; END CATCH; ${off}`
    : insert;
  return { sql, parameters: values.map(binding) };
}

function columnOf(table: Table, name: string): LiveServerColumn {
  return table.columns.find((column) => column.name === name)!;
}

function typeOf(table: Table, name: string, terms: TypeTerms) {
  return columnType(columnOf(table, name).type, terms)!;
}

function binding({ value }: StoredColumn): string | null {
  return boundText(value);
}

function keyBindings(key: readonly StoredColumn[]): (string | null)[] {
  return key.filter(({ value }) => value !== null).map(binding);
}
