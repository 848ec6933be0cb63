import type { EntityMetadata } from 'typeorm';
import type { ServerCapture } from '../capture/server-start';
import type { LiveServerColumn } from '../dialect/server-capture';
import type { ServerDialect } from '../dialect/server-dialect';
import { keyText } from '../model/change';
import { encodeValue } from '../model/codec';
import type { StoredValue } from '../model/stored-value';
import { keyTexts, keyValues, textOf } from './row-key';
import type { RowKey } from './row-log';

/** A row as the log of a server names it, whatever an application makes of its key. */
export async function serverRowKey(
  capture: ServerCapture,
  dialect: ServerDialect,
  metadata: EntityMetadata,
  id: unknown,
): Promise<RowKey> {
  const { session, triggers } = capture;
  const { name: entity, primaryColumns } = metadata;
  const table = capture.tableOf(metadata);
  const live = triggers.columnsOf(table);
  const columnOf = (name: string) => live.find((column) => column.name.toLowerCase() === name.toLowerCase());
  const texts = keyTexts(primaryColumns, id, ({ databaseName }, value) => {
    const column = columnOf(databaseName);
    return column ? session.captureSql.keyForms(column, value) : [value];
  });
  const key = { entity, table, id: texts[0]! };
  if (texts.length < 2) return key;
  const columns = primaryColumns.map(({ databaseName }) => columnOf(databaseName)!);
  const present = await presentKey(capture, dialect, table, live, columns, keyValues(primaryColumns, id));
  return { ...key, others: [...texts.slice(1), ...(present ? [textOf(primaryColumns, present)] : [])] };
}

/** The key as the row has it that the database finds by this one; undefined where it finds none. */
async function presentKey(
  { session }: ServerCapture,
  dialect: ServerDialect,
  table: string,
  live: readonly LiveServerColumn[],
  columns: readonly LiveServerColumn[],
  values: readonly unknown[],
): Promise<unknown[] | undefined> {
  const { captureSql, checkSql, pool } = session;
  const mapped = columns.map((column) => captureSql.mapped(column, { name: column.name, property: '', kind: 'any' }));
  const typed = { table, live, columns: [], key: columns.map(({ name }) => name) };
  const given = values.map((value): StoredValue => (value === null || value === undefined ? null : keyText(value)));
  // One that is locked may be so by the very transaction that asks.
  const { sql, parameters } = checkSql.selectKeys(typed, [given], 'free');
  const [row] = await pool.query(sql, parameters).catch((error: unknown) => {
    if (!dialect.isRefusal(error)) throw dialect.typedError(error, 'begin') ?? error;
    return []; // what is no value of the type of its column is no key of a row
  });
  if (!row) return undefined;
  const [, ...texts] = Object.values(row);
  return checkSql.toKey(typed, texts).map((value, place) => encodeValue(mapped[place]!.kind, value));
}
