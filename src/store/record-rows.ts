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

/** What the rows of a change are made of, by its map and operation. */
interface Layout {
  rows: number;
  slots: readonly { image: 'before' | 'after' | 'mask'; columns: readonly number[] }[];
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

  read(rows: readonly OutboxRow[], map: TableMap | undefined): PendingRecord | BrokenRecord {
    const [first] = rows as readonly [OutboxRow];
    const place = { first: Number(first[0]), last: Number(rows.at(-1)![0]) };
    try {
      const base = { ...place, ...headOf(first) };
      const operation = first[column.operation]!;
      if (operation === 'E') return { kind: 'event', ...base, event: eventOf(rows) };
      if (!isRowOperation(operation)) throw new BrokenRecordError('there is no such operation');
      if (!map) throw new BrokenRecordError('its column map is not there');
      const layout = this.layout(map, operation);
      if (rows.length !== layout.rows) throw new BrokenRecordError(`it has ${rows.length} of its ${layout.rows} rows`);
      return { kind: 'change', ...base, map, mapId: mapIdOf(first), images: toChange(map, rows, operation, layout) };
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
  const slots = slotsOf(map.columns, operation).map((slot) => ({
    image: slot.image,
    columns: (slot.image === 'mask' ? slot.columns : [slot.column]).map((column) => map.columns.indexOf(column)),
  }));
  return { rows: Math.max(1, Math.ceil(slots.length / valuesPerRow)), slots };
}

function toChange(map: TableMap, rows: readonly OutboxRow[], operation: RowOperation, { slots }: Layout): RowChange {
  const before: StoredValue[] = map.columns.map(() => null);
  const after: StoredValue[] = map.columns.map(() => null);
  const changed = new Set<number>();
  for (let place = 0; place < slots.length; place += 1) {
    const { image, columns } = slots[place]!;
    const value = rows[Math.floor(place / valuesPerRow)]![fixedColumns + (place % valuesPerRow)]!;
    const index = columns[0]!;
    if (image === 'before') before[index] = value;
    else if (image === 'after') after[index] = operation === 'I' || changed.has(index) ? value : before[index]!;
    else {
      if (typeof value !== 'bigint') throw new BrokenRecordError('it does not say what changed');
      for (const [bit, column] of columns.entries()) {
        if (((Number(value) >>> bit) & 1) === 0) continue;
        changed.add(column);
        if (map.columns[column]!.redacted) after[column] = 1n;
      }
    }
  }
  return { before: operation === 'I' ? null : before, after: operation === 'D' ? null : after };
}
