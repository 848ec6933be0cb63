import type { Engine } from '../dialect/engine';
import type { StoreSql } from '../dialect/store-sql';
import { type Slot, slotsOf, valuesPerRow } from '../dialect/outbox-layout';
import type { RowChange } from '../model/change';
import { InvalidText, type StoredRow, type StoredValue } from '../model/stored-value';
import type { MetaStore } from './meta-store';
import { asBroken, type BrokenRecord, BrokenRecordError, type PendingRecord } from './pending-record';

export interface OutboxBatch {
  records: (PendingRecord | BrokenRecord)[];
  /** Rows that they are in. */
  rows: number;
  /** Highest id of the rows read; the batch is gone when everything up to it is deleted. */
  upTo: number;
}

export interface Pending {
  rows: number;
  newest: number | null;
  /** Instant of the oldest, milliseconds since 1970. */
  since: number | null;
}

type RowOperation = 'I' | 'U' | 'D';

/** As stored: whoever has been at the table, any column may hold anything. */
type Row = [id: bigint, ...head: StoredValue[]];

/** Places of the columns in a row; the values come behind them. */
const column = { map: 1, operation: 2, part: 3, transactionId: 4, recordedAt: 5, context: 6 } as const;
const fixedColumns = 7;

/** `audit_outbox`: what is recorded and not yet an entry. */
export class Outbox {
  constructor(
    private readonly sql: StoreSql,
    private readonly meta: MetaStore,
  ) {}

  pending(engine: Engine): Pending {
    return engine.execute(this.sql.selectPending).rows![0] as Pending;
  }

  /** The oldest records: at most `maxRows` rows and, beyond the first record, about `maxBytes` of values. */
  read(engine: Engine, maxRows: number, maxBytes: number): OutboxBatch | undefined {
    let bytes = 0;
    const rows = engine.selectStored(this.sql.selectOutbox, [maxRows], (row) => {
      bytes += sizeOf(row as StoredValue[]);
      return bytes < maxBytes;
    }) as Row[];
    if (rows.length === 0) return undefined;
    for (const row of rows) this.restoreText(engine, row);
    const records: OutboxBatch['records'] = [];
    let index = 0;
    while (index < rows.length) {
      const end = endOfRecord(rows, index);
      const needed = this.rowsNeeded(engine, rows[index]!);
      // A record cut off by the limits waits for the next batch; one that is larger than a batch is read whole.
      const mayBeCut = end === rows.length && index + needed > end && (rows.length === maxRows || bytes >= maxBytes);
      if (mayBeCut && records.length > 0) break;
      if (mayBeCut && (needed > maxRows || maxBytes !== Infinity)) {
        return this.read(engine, needed, Infinity);
      }
      records.push(this.toRecord(engine, rows.slice(index, end), needed));
      index = end;
    }
    return { records, rows: index, upTo: records.at(-1)!.last };
  }

  /** How many rows the record that begins with this one takes; 1 where that can't be told. */
  private rowsNeeded(engine: Engine, row: Row): number {
    const operation = row[column.operation];
    const map = isRowOperation(operation) ? this.meta.find(engine, Number(row[column.map])) : undefined;
    return map ? Math.max(1, Math.ceil(slotsOf(map.columns, operation as RowOperation).length / valuesPerRow)) : 1;
  }

  private toRecord(engine: Engine, rows: readonly Row[], needed: number): PendingRecord | BrokenRecord {
    const place = { first: Number(rows[0]![0]), last: Number(rows.at(-1)![0]) };
    const mapId = Number(rows[0]![column.map]);
    // Looked up out here: a database that can't be read is not the record's fault.
    const map = rows[0]![column.operation] === 'E' ? undefined : this.meta.find(engine, mapId);
    try {
      const base = { ...place, ...headOf(rows[0]!) };
      const operation = rows[0]![column.operation];
      if (operation === 'E') return { kind: 'event', ...base, event: eventOf(rows) };
      if (!isRowOperation(operation)) throw new BrokenRecordError('there is no such operation');
      if (!map) throw new BrokenRecordError('its column map is not there');
      if (rows.length !== needed) throw new BrokenRecordError(`it has ${rows.length} of its ${needed} rows`);
      const values = rows.flatMap((part) => part.slice(fixedColumns));
      return {
        kind: 'change',
        ...base,
        map,
        mapId,
        images: toImages(slotsOf(map.columns, operation), values, operation),
      };
    } catch (error) {
      return asBroken(place, error);
    }
  }

  /** The driver puts U+FFFD for bytes that are no valid UTF-8; where a text has it, the bytes themselves are looked at. */
  private restoreText(engine: Engine, row: Row): void {
    for (let index = fixedColumns; index < row.length; index += 1) {
      const value = row[index];
      if (typeof value !== 'string' || !value.includes('\uFFFD')) continue;
      const bytes = engine.scalar(this.sql.selectOutboxBytes(index - fixedColumns), [row[0]]) as Buffer;
      if (!bytes.equals(Buffer.from(value))) row[index] = new InvalidText(bytes);
    }
  }

  deleteUpTo(engine: Engine, id: number): void {
    engine.execute(this.sql.deleteOutboxUpTo, [id]);
  }
}

/** Behind the last row that goes on with the record at `index`: they were written one after the other. */
function endOfRecord(rows: readonly Row[], index: number): number {
  const first = rows[index]!;
  const isSame = (row: Row, place: number) =>
    row[0] === first[0] + BigInt(place) &&
    row[column.part] === BigInt(place) &&
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
function headOf(row: Row): { transactionId: string; recordedAt: number; context: string | null } {
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

function eventOf(rows: readonly Row[]): string {
  const event = rows[0]![fixedColumns];
  if (rows.length !== 1 || typeof event !== 'string') throw new BrokenRecordError('the event is no text');
  return event;
}

function toImages(slots: readonly Slot[], values: StoredValue[], operation: RowOperation): RowChange {
  // Without a prototype, so that a column may have any name.
  const before = Object.create(null) as StoredRow;
  const after = Object.create(null) as StoredRow;
  const changed = new Set<string>();
  for (const [index, slot] of slots.entries()) {
    const value = values[index] ?? null;
    if (slot.image === 'mask') {
      if (typeof value !== 'bigint') throw new BrokenRecordError('it does not say what changed');
      for (const [bit, { property, redacted }] of slot.columns.entries()) {
        if (((Number(value) >>> bit) & 1) === 0) continue;
        changed.add(property);
        if (redacted) after[property] = 1n;
      }
    } else if (slot.image === 'before') before[slot.column.property] = value;
    else {
      const { property } = slot.column;
      after[property] = operation === 'I' || changed.has(property) ? value : before[property]!;
    }
  }
  return { before: operation === 'I' ? null : before, after: operation === 'D' ? null : after };
}

function sizeOf(row: readonly StoredValue[]): number {
  let bytes = 0;
  for (const value of row) if (typeof value === 'string' || Buffer.isBuffer(value)) bytes += value.length;
  return bytes;
}
