import type { Engine } from '../dialect/engine';
import type { LiveTable, Statement, StoredColumn } from '../dialect/revert-sql';
import type { Condition } from '../dialect/store-sql';
import { InvalidQueryError, NotRestorableError, RowDiffersError, RowMovedError, UnknownEntityError } from '../errors';
import { sameStored } from '../model/codec';
import { differingProperties, storedValues } from '../model/row-differences';
import type { StoredValue } from '../model/stored-value';
import type { MappedColumn, TableMap } from '../model/table-map';
import type { RevertReport } from '../reports';
import type { EntryRow, RecordedImage } from '../store/entry-reader';
import { KeyLog, type RowKey } from './row-log';
import { readState } from './row-state';
import { imageThen, liveTable, restorableOf, type RowTools } from './row-tools';

/** What is to be done to a row. */
export interface RowChange extends RevertReport {
  table: LiveTable;
  statement: Statement;
  /** What the row must hold afterwards, and the key under which it is found then. */
  written: { column: MappedColumn; value: StoredValue }[];
  key: StoredColumn[];
}

/** @throws RowDiffersError, RowMovedError, NotRestorableError, UnknownEntityError, InvalidQueryError */
export function planChange(tools: RowTools, engine: Engine, key: RowKey, moment: Condition): RowChange {
  const { reader, revertSql } = tools;
  const table = liveTable(tools, engine, key.table);
  const map = tools.mapOfToday(table);
  if (!map) throw new UnknownEntityError(`${key.entity} is not captured.`, { value: key.entity });
  const log = new KeyLog(reader, engine, key);
  const latest = log.last([]);
  if (!latest) {
    throw new InvalidQueryError(`The trail knows no ${key.entity} ${key.id}.`, { value: key.id });
  }
  const { recorded: target, strangerSince } = readState(reader, engine, key, moment);
  const stranger = log.isDeparture(latest) ? latest : strangerSince;
  if (stranger) throw moved(key, stranger);

  const present = presentRow(tools, engine, key, table, map, latest);
  const nothing = { restored: [], unrestorable: [], table, statement: noStatement, written: [], key: present.key };
  if (!target) {
    if (!present.row) return { ...nothing, operation: 'none' };
    return { ...nothing, operation: 'delete', statement: revertSql.deleteRow(table, present.key) };
  }
  const { values, unrestorable, required } = restorableOf(tools, engine, table, target);
  const { row } = present;
  const changes = values.filter(
    ({ column, value }) => !row || !sameStored(row[map.columns.findIndex(({ name }) => name === column.name)]!, value),
  );
  if (row) refuseFixed(table, changes, unrestorable);
  if (changes.length === 0) return { ...nothing, operation: 'none', unrestorable };
  if (!row && required.length > 0) {
    const names = required.join(', ');
    throw new NotRestorableError(
      `${key.entity} ${key.id} can't be inserted without ${names}, of which the trail has no value.`,
      {
        value: required,
      },
    );
  }
  const columns = changes.map(({ column: { name }, value }) => ({ name, value }));
  // Of the key what the trail has; a part that is younger than the image stays what it is.
  const keyThen = present.key.map(({ name, value }) => ({
    name,
    value: values.find(({ column }) => column.name === name)?.value ?? value,
  }));
  return {
    operation: row ? 'update' : 'insert',
    restored: changes.map(({ column }) => column.property),
    unrestorable,
    table,
    statement: row ? revertSql.updateRow(table, columns, present.key) : revertSql.insertRow(table, columns),
    written: changes,
    key: keyThen,
  };
}

const noStatement: Statement = { sql: '', parameters: [] };

/** Leaves out what no update changes. */
function refuseFixed(
  { columns }: LiveTable,
  changes: RowChange['written'],
  unrestorable: RevertReport['unrestorable'],
) {
  for (const { name, isFixed } of columns) {
    const index = changes.findIndex(({ column }) => column.name === name);
    if (!isFixed || index < 0) continue;
    const [change] = changes.splice(index, 1);
    unrestorable.push({ property: change!.column.property, reason: 'generated' });
  }
}

/** What has been done to the row, which is read again: triggers and types make other values of what is written. */
export function reportChange(tools: RowTools, engine: Engine, change: RowChange): RevertReport {
  const { operation, written } = change;
  if (operation === 'delete' || operation === 'none') {
    return { operation, restored: change.restored, unrestorable: change.unrestorable };
  }
  const names = written.map(({ column }) => column.name);
  const [row] = readRows(tools, engine, change.table, names, change.key);
  const other = written.filter(({ value }, index) => !row || !sameStored(row[index]!, value));
  const changed = new Set(other.map(({ column }) => column.property));
  return {
    operation,
    restored: change.restored.filter((property) => !changed.has(property)),
    unrestorable: [
      ...change.unrestorable,
      ...[...changed].map((property) => ({ property, reason: 'not as written' as const })),
    ],
  };
}

/** Reads the row that has the key, or had it last. @returns number of the entry that says so, 0 without one */
export function readPresent(tools: RowTools, engine: Engine, key: RowKey): number {
  const { reader } = tools;
  const table = liveTable(tools, engine, key.table);
  const map = tools.mapOfToday(table);
  const latest = new KeyLog(reader, engine, key).last([]);
  if (!latest || !map) return 0;
  const values = keyOf(tools, engine, map, latest);
  const names = (values ?? []).map(({ name }) => name);
  if (values) readRows(tools, engine, table, names, values);
  return latest.id;
}

/**
 * The row as the table has it, in the order of the map, undefined where there is none; and its key.
 * @throws RowDiffersError where the trail says something else
 */
function presentRow(
  tools: RowTools,
  engine: Engine,
  { entity, id }: RowKey,
  table: LiveTable,
  map: TableMap,
  latest: EntryRow,
): { row: StoredValue[] | undefined; key: StoredColumn[] } {
  const differs = (how: string) =>
    new RowDiffersError(`${entity} ${id} is not what the trail says of it: ${how}.`, { value: id });
  const key = keyOf(tools, engine, map, latest);
  if (!key) throw differs('the columns of its key are other ones');
  // A redacted value is never read; it can't be compared.
  const readable = map.columns.filter(({ redacted }) => !redacted).map(({ name }) => name);
  const rows = readRows(tools, engine, table, readable, key);
  if (rows.length > 1) throw differs('several rows have its key');
  const [found] = rows;
  const row = found && map.columns.map(({ name }) => found[readable.indexOf(name)] ?? null);
  if (latest.after_image === null) {
    if (row) throw differs('it is there');
    return { row: undefined, key };
  }
  if (!row) throw differs('it is not there');
  const then = imageThen(tools, engine, recordedBy(latest), map);
  const fields = differingProperties(map, row, then.image, then.map, latest.log_id !== tools.meta.logId(engine));
  if (fields.length > 0) throw differs(`${fields.join(', ')} differ`);
  return { row, key };
}

/** The key that the row has by an entry; undefined where its columns are other ones now. */
function keyOf(tools: RowTools, engine: Engine, map: TableMap, entry: EntryRow): StoredColumn[] | undefined {
  const then = imageThen(tools, engine, recordedBy(entry), map);
  const primary = map.columns.filter((column) => column.primary);
  const values = storedValues(primary, then.image, then.map);
  return values && primary.map(({ name }, index) => ({ name, value: values[index]! }));
}

function recordedBy({ after_image, before_image, entity, schema_version }: EntryRow): RecordedImage {
  return { image: (after_image ?? before_image)!, entity, mapId: schema_version };
}

/** Values of the rows that have the key, as stored: none, one, or two where it is not one row's alone. */
function readRows(
  { revertSql }: RowTools,
  engine: Engine,
  table: LiveTable,
  columns: readonly string[],
  key: readonly StoredColumn[],
): StoredValue[][] {
  const { sql, parameters } = revertSql.selectRow(table, columns, key);
  const rows = engine.selectStored(sql, parameters, () => true);
  return rows.map((row) => revertSql.toStored(table, columns, row));
}

function moved({ entity, id }: RowKey, { id: entry, moved_from: from, entity_id: to }: EntryRow): RowMovedError {
  return new RowMovedError(
    `${entity} ${id} is not the row that it was: by entry ${entry} a row got key ${to} instead of ${from}.`,
    { value: id },
  );
}
