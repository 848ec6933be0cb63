import { setImmediate as yieldToLoop } from 'node:timers/promises';
import type { EntityManager } from 'typeorm';
import type { Slice } from '../batching/drain-slice';
import { auditContext } from '../capture/audit-context';
import type { Engine } from '../dialect/engine';
import {
  AuditSchemaMissingError,
  InvalidQueryError,
  NotRestorableError,
  RowDiffersError,
  RowMovedError,
  UnknownEntityError,
} from '../errors';
import { sameStored } from '../model/codec';
import { differingProperties, storedValues } from '../model/row-differences';
import type { StoredValue } from '../model/stored-value';
import type { MappedColumn, TableMap } from '../model/table-map';
import type { Moment, RevertReport } from '../reports';
import type { EntryRow, RecordedImage } from '../store/entry-reader';
import { KeyLog, type RowKey } from './row-log';
import { momentCondition, readState } from './row-state';
import { imageThen, mapOfToday, restorableOf, type RowTools } from './row-tools';
import { binding, bound, readRows, type StoredColumn } from './stored-row';

/** What is to be done to a row. */
interface Change extends RevertReport {
  sql: string;
  parameters: unknown[];
  /** What the row must hold afterwards, and the key under which it is found then. */
  written: { column: MappedColumn; value: StoredValue }[];
  key: StoredColumn[];
}

/**
 * Puts a row back to what it was at a moment, in one transaction, that of the flow where it has one.
 *
 * The outbox is emptied within the transaction. So what the trail says last of the row is what the table must hold, with
 * everything that other flows committed, and this one has done, before; if it holds something else, nothing is done.
 */
export async function revertRow(tools: RowTools, key: RowKey, at: Moment): Promise<RevertReport> {
  const moment = momentCondition(at);
  const { connection } = tools.capture;
  const flow = connection.frames.current();
  if (!flow) await tools.flush();
  const context = flow ? flow.changeSet.contextOf(auditContext.current()) : auditContext.current();
  let slices: Slice[] = [];
  const report = await auditContext.run({ ...context, source: context?.source ?? 'revert' }, () =>
    tools.manager.transaction(async (manager) => {
      slices = await drainAll(tools);
      const change = await connection.joined('revert()', (engine) => planChange(tools, engine, key, moment));
      return apply(tools, key.table, change, manager);
    }),
  );
  if (!flow) slices.forEach((slice) => tools.drained(slice));
  return report;
}

/** Slice by slice, so that the event loop turns in between. */
async function drainAll(tools: RowTools): Promise<Slice[]> {
  const { capture } = tools;
  const slices: Slice[] = [];
  for (;;) {
    const slice = await capture.connection.joined('revert()', (engine) => {
      if (capture.meta.areTablesThere(engine)) return tools.drainSlice(engine);
      throw new AuditSchemaMissingError('The audit tables are not there.');
    });
    if (slice.upTo === null) return slices;
    slices.push(slice);
    await yieldToLoop();
  }
}

async function apply(
  { capture, dialect }: RowTools,
  table: string,
  change: Change,
  manager: EntityManager,
): Promise<RevertReport> {
  const { operation, sql, parameters, written, key } = change;
  if (operation === 'none') return { operation, restored: [], unrestorable: change.unrestorable };
  await manager.query(sql, parameters);
  const columns = written.map(({ column }) => column.name);
  const [row] =
    operation === 'delete'
      ? []
      : await capture.connection.joined('revert()', (engine) =>
          readRows(engine, dialect.revertSql, table, columns, key),
        );
  const other =
    operation === 'delete' ? [] : written.filter(({ value }, index) => !row || !sameStored(row[index]!, value));
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

function planChange(tools: RowTools, engine: Engine, key: RowKey, moment: ReturnType<typeof momentCondition>): Change {
  const { reader, dialect } = tools;
  const map = mapOfToday(tools, key.table);
  if (!map) throw new UnknownEntityError(`${key.entity} is not captured.`, { value: key.entity });
  const log = new KeyLog(reader, engine, key);
  const latest = log.last([]);
  if (!latest) {
    throw new InvalidQueryError(`The trail knows no ${key.entity} ${key.id}.`, { value: key.id });
  }
  const { recorded: target, strangerSince } = readState(reader, engine, key, moment);
  const stranger = log.isDeparture(latest) ? latest : strangerSince;
  if (stranger) throw moved(key, stranger);

  const present = presentRow(tools, engine, key, map, latest);
  const plan = { restored: [], unrestorable: [], sql: '', parameters: [], written: [], key: present.key };
  if (!target) {
    if (!present.row) return { ...plan, operation: 'none' };
    const sql = dialect.revertSql.deleteRow(key.table, present.key.map(bound));
    return { ...plan, operation: 'delete', sql, parameters: present.key.map(binding) };
  }
  const { values, unrestorable, required } = restorableOf(tools, engine, key.table, target);
  const { row } = present;
  const changes = row
    ? values.filter(
        ({ column, value }) => !sameStored(row[map.columns.findIndex(({ name }) => name === column.name)]!, value),
      )
    : values;
  if (changes.length === 0) return { ...plan, operation: 'none', unrestorable };
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
  const sql = row
    ? dialect.revertSql.updateRow(key.table, columns.map(bound), present.key.map(bound))
    : dialect.revertSql.insertRow(key.table, columns.map(bound));
  return {
    operation: row ? 'update' : 'insert',
    restored: changes.map(({ column }) => column.property),
    unrestorable,
    sql,
    parameters: [...columns, ...(row ? present.key : [])].map(binding),
    written: changes,
    key: keyThen,
  };
}

/**
 * The row as the table has it, in the order of the map, undefined where there is none; and its key.
 * @throws RowDiffersError where the trail says something else
 */
function presentRow(
  tools: RowTools,
  engine: Engine,
  { entity, id, table }: RowKey,
  map: TableMap,
  latest: EntryRow,
): { row: StoredValue[] | undefined; key: StoredColumn[] } {
  const differs = (how: string) =>
    new RowDiffersError(`${entity} ${id} is not what the trail says of it: ${how}.`, { value: id });
  const last: RecordedImage = {
    image: (latest.after_image ?? latest.before_image)!,
    entity: latest.entity,
    mapId: latest.schema_version,
  };
  const then = imageThen(tools, engine, last, map);
  const primary = map.columns.filter((column) => column.primary);
  const values = storedValues(primary, then.image, then.map);
  if (!values) throw differs('the columns of its key are other ones');
  const key = primary.map(({ name }, index) => ({ name, value: values[index]! }));
  // A redacted value is never read; it can't be compared.
  const readable = map.columns.filter(({ redacted }) => !redacted).map(({ name }) => name);
  const rows = readRows(engine, tools.dialect.revertSql, table, readable, key);
  if (rows.length > 1) throw differs('several rows have its key');
  const [found] = rows;
  const row = found && map.columns.map(({ name }) => found[readable.indexOf(name)] ?? null);
  if (latest.after_image === null) {
    if (row) throw differs('it is there');
    return { row: undefined, key };
  }
  if (!row) throw differs('it is not there');
  const fields = differingProperties(map, row, then.image, then.map);
  if (fields.length > 0) throw differs(`${fields.join(', ')} differ`);
  return { row, key };
}

function moved({ entity, id }: RowKey, { id: entry, moved_from: from, entity_id: to }: EntryRow): RowMovedError {
  return new RowMovedError(
    `${entity} ${id} is not the row that it was: by entry ${entry} a row got key ${to} instead of ${from}.`,
    { value: id },
  );
}
