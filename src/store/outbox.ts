import type { Engine } from '../dialect/engine';
import type { StoreSql } from '../dialect/store-sql';
import { type Slot, slotsOf, valuesPerRow } from '../dialect/outbox-layout';
import type { RowChange } from '../model/change';
import { InvalidText, type StoredRow, type StoredValue } from '../model/stored-value';
import type { TableMap } from '../model/table-map';
import type { MetaStore } from './meta-store';

/** One record as a trigger or `record()` left it. */
export type PendingRecord = PendingChange | PendingEvent;

interface PendingBase {
  transactionId: string;
  /** Milliseconds since 1970. */
  recordedAt: number;
  /** The context as JSON text, null without one. */
  context: string | null;
}

export interface PendingChange extends PendingBase {
  kind: 'change';
  map: TableMap;
  mapId: number;
  images: RowChange;
}

export interface PendingEvent extends PendingBase {
  kind: 'event';
  /** The event as JSON text. */
  event: string;
}

export interface OutboxBatch {
  records: PendingRecord[];
  /** Highest id of the rows read; the batch is gone when everything up to it is deleted. */
  upTo: number;
}

export interface Pending {
  rows: number;
  newest: number | null;
  /** Instant of the oldest, milliseconds since 1970. */
  since: number | null;
}

type Row = [bigint, bigint, 'I' | 'U' | 'D' | 'E', bigint, string, bigint, string | null, ...StoredValue[]];

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

  /** The oldest changes: at most `maxRows` rows and, beyond the first change, about `maxBytes` of values. */
  read(engine: Engine, maxRows: number, maxBytes: number): OutboxBatch | undefined {
    let bytes = 0;
    let count = 0;
    const rows = engine.selectStored(this.sql.selectOutbox, [maxRows], (row) => {
      count += 1;
      bytes += sizeOf(row as StoredValue[]);
      return bytes < maxBytes;
    }) as Row[];
    if (count === 0) return undefined;
    for (const row of rows) this.restoreText(engine, row);
    const records: PendingRecord[] = [];
    let upTo = 0;
    for (let index = 0; index < rows.length;) {
      const row = rows[index]!;
      const base = { transactionId: row[4], recordedAt: Number(row[5]), context: row[6] };
      const operation = row[2];
      let parts = 1;
      if (operation === 'E') {
        records.push({ kind: 'event', ...base, event: row[fixedColumns] as string });
      } else {
        const map = this.meta.map(engine, Number(row[1]));
        const slots = slotsOf(map.columns, operation);
        parts = Math.max(1, Math.ceil(slots.length / valuesPerRow));
        // A change cut off by the limits waits for the next batch; one that is larger than a batch is read whole.
        if (index + parts > rows.length) {
          if (records.length > 0) break;
          return this.read(engine, Math.max(maxRows, parts), Infinity);
        }
        const values = rows.slice(index, index + parts).flatMap((part) => part.slice(fixedColumns));
        const images = toImages(slots, values, operation);
        records.push({ kind: 'change', ...base, map, mapId: Number(row[1]), images });
      }
      index += parts;
      upTo = Number(rows[index - 1]![0]);
    }
    return { records, upTo };
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

function toImages(slots: readonly Slot[], values: StoredValue[], operation: 'I' | 'U' | 'D'): RowChange {
  // Without a prototype, so that a column may have any name.
  const before = Object.create(null) as StoredRow;
  const after = Object.create(null) as StoredRow;
  const changed = new Set<string>();
  for (const [index, slot] of slots.entries()) {
    const value = values[index] ?? null;
    if (slot.image === 'mask') {
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
