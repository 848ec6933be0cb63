import { slotsOf, valuesPerRow } from '../dialect/outbox-layout';
import type { RowChange } from '../model/change';
import type { StoredValue } from '../model/stored-value';
import type { TableMap } from '../model/table-map';
import { asBroken, type BrokenRecord, BrokenRecordError, type PendingRecord } from './pending-record';

/** A row of the outbox as stored: whoever has been at the table, any column may hold anything. */
export type OutboxRow = [id: bigint, ...columns: StoredValue[]];

/** Places of the columns in a row; the values come behind them. */
const column = { map: 1, operation: 2, part: 3, transactionId: 4, recordedAt: 5, context: 6 } as const;
export const fixedColumns = 7;

type RowOperation = 'I' | 'U' | 'D';

/** Where the values of a change are, by its map and operation; columns are places in the map. */
interface Layout {
  rows: number;
  /** Value columns that any of its rows has in use. */
  values: number;
  /** The columns of each mask. */
  masks: readonly (readonly number[])[];
  shown: readonly number[];
}

/** Number of the map that the row names; NaN where it names none. */
export function mapIdOf(row: OutboxRow): number {
  return typeof row[column.map] === 'bigint' ? Number(row[column.map]) : NaN;
}

/** Behind the last row that goes on with the record at `index`: they were written one after the other. */
export function endOfRecord(rows: readonly OutboxRow[], index: number): number {
  const first = rows[index]!;
  const isSame = (row: OutboxRow, place: number) =>
    row[column.part] === BigInt(place) &&
    row[0] === first[0] + BigInt(place) &&
    row[column.map] === first[column.map] &&
    row[column.operation] === first[column.operation];
  let end = index + 1;
  while (end < rows.length && isSame(rows[end]!, end - index)) end += 1;
  return end;
}

function isRowOperation(operation: StoredValue | undefined): operation is RowOperation {
  return operation === 'I' || operation === 'U' || operation === 'D';
}

/** What every record has. */
function headOf(row: OutboxRow): { transactionId: string; recordedAt: number; context: string | null } {
  const { [column.transactionId]: transactionId, [column.recordedAt]: recordedAt, [column.context]: context } = row;
  if (row[column.part] !== 0n) throw new BrokenRecordError('its first row is not there');
  if (typeof transactionId !== 'string') throw new BrokenRecordError('it has no transaction');
  if (typeof recordedAt !== 'bigint' || !isInstant(Number(recordedAt)))
    throw new BrokenRecordError('it has no instant');
  if (context !== null && typeof context !== 'string') throw new BrokenRecordError('its context is no text');
  return { transactionId, recordedAt: Number(recordedAt), context };
}

function isInstant(milliseconds: number): boolean {
  return Math.abs(milliseconds) <= 8.64e15;
}

function eventOf(rows: readonly OutboxRow[]): string {
  const event = rows[0]![fixedColumns];
  if (rows.length !== 1 || typeof event !== 'string') throw new BrokenRecordError('the event is no text');
  return event;
}

/** Turns the rows of one record into it; a map is there for every change whose rows name one that can be read. */
export class RecordRows {
  /** Maps are few, and never change. */
  private readonly layouts = new WeakMap<TableMap, Partial<Record<RowOperation, Layout>>>();

  /** How many rows the record takes that begins with this one; 1 where that can't be told. */
  needed(first: OutboxRow, map: TableMap | undefined): number {
    const operation = first[column.operation]!;
    return map && isRowOperation(operation) ? this.layout(map, operation).rows : 1;
  }

  /** How many of the value columns of that row are read, at least. */
  values(first: OutboxRow, map: TableMap | undefined): number {
    const operation = first[column.operation]!;
    return map && isRowOperation(operation) ? this.layout(map, operation).values : 1;
  }

  read(rows: readonly OutboxRow[], map: TableMap | undefined): PendingRecord | BrokenRecord {
    const [first] = rows as readonly [OutboxRow];
    const place = { first: Number(first[0]), last: Number(rows.at(-1)![0]) };
    try {
      const { transactionId, recordedAt, context } = headOf(first);
      const operation = first[column.operation]!;
      if (operation === 'E')
        return { kind: 'event', ...place, transactionId, recordedAt, context, event: eventOf(rows) };
      if (!isRowOperation(operation)) throw new BrokenRecordError('there is no such operation');
      if (!map) throw new BrokenRecordError('its column map is not there');
      const layout = this.layout(map, operation);
      if (rows.length !== layout.rows) throw new BrokenRecordError(`it has ${rows.length} of its ${layout.rows} rows`);
      return {
        kind: 'change',
        first: place.first,
        last: place.last,
        transactionId,
        recordedAt,
        context,
        map,
        mapId: mapIdOf(first),
        images: toChange(map, rows, operation, layout),
      };
    } catch (error) {
      return asBroken(place, error);
    }
  }

  private layout(map: TableMap, operation: RowOperation): Layout {
    let known = this.layouts.get(map);
    if (!known) this.layouts.set(map, (known = {}));
    return (known[operation] ??= layoutOf(map, operation));
  }
}

function layoutOf(map: TableMap, operation: RowOperation): Layout {
  const places = new Map(map.columns.map((column, place) => [column, place]));
  const slots = slotsOf(map.columns, operation);
  const masks = slots.flatMap((slot) => (slot.image === 'mask' ? [slot.columns.map((each) => places.get(each)!)] : []));
  const image = operation === 'I' ? 'after' : 'before';
  const shown = slots.flatMap((slot) => (slot.image === image ? [places.get(slot.column)!] : []));
  const rows = Math.max(1, Math.ceil(slots.length / valuesPerRow));
  return { rows, values: Math.min(slots.length, valuesPerRow), masks, shown };
}

function toChange(map: TableMap, rows: readonly OutboxRow[], operation: RowOperation, layout: Layout): RowChange {
  const { masks, shown } = layout;
  const imageAt = (begin: number) => {
    const image = new Array<StoredValue>(map.columns.length).fill(null);
    for (let index = 0; index < shown.length; index += 1) image[shown[index]!] = valueAt(rows, begin + index);
    return image;
  };
  if (operation === 'I') return { before: null, after: imageAt(0) };
  const before = imageAt(masks.length);
  if (operation === 'D') return { before, after: null };
  // What the mask does not name is as it was.
  const after = before.slice();
  const changed = new Array<boolean>(map.columns.length).fill(false);
  for (const [place, columns] of masks.entries()) {
    const mask = valueAt(rows, place);
    if (typeof mask !== 'bigint') throw new BrokenRecordError('it does not say what changed');
    const bits = Number(mask);
    for (let bit = 0; bit < columns.length; bit += 1) {
      if (((bits >>> bit) & 1) === 0) continue;
      changed[columns[bit]!] = true;
      if (map.columns[columns[bit]!]!.redacted) after[columns[bit]!] = 1n;
    }
  }
  const begin = masks.length + shown.length;
  for (let index = 0; index < shown.length; index += 1) {
    if (changed[shown[index]!]) after[shown[index]!] = valueAt(rows, begin + index);
  }
  return { before, after };
}

function valueAt(rows: readonly OutboxRow[], place: number): StoredValue {
  return rows[Math.floor(place / valuesPerRow)]![fixedColumns + (place % valuesPerRow)]!;
}
