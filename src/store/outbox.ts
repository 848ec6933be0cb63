import type { Engine } from '../dialect/engine';
import type { ReadSql, StoreSql } from '../dialect/store-sql';
import { InvalidText, type StoredValue } from '../model/stored-value';
import type { MetaStore } from './meta-store';
import type { BrokenRecord, PendingRecord } from './pending-record';
import { endOfRecord, fixedColumns, mapIdOf, type OutboxRow, RecordRows } from './record-rows';

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
  /** What was recorded before this instant, milliseconds since 1970, is an entry that has committed, or never will be one. */
  since: number | null;
  /** Age of the transaction that holds `since` back, milliseconds, null for none; only where the database knows it. */
  heldMs?: number | null;
  /** Records set aside, of which no entry could be made. */
  quarantined: number;
}

/** `audit_outbox`: what is recorded and not yet an entry. */
export class Outbox {
  private readonly rows = new RecordRows();
  /** Value columns that are read: as many as the widest record met so far has. */
  private values = 1;

  constructor(
    private readonly sql: StoreSql,
    private readonly meta: MetaStore,
  ) {}

  pending(engine: Engine): Pending {
    return pendingIn(engine, this.sql);
  }

  /** The oldest records: at most `maxRows` rows and, beyond the first record, about `maxBytes` of values. */
  read(engine: Engine, maxRows: number, maxBytes: number): OutboxBatch | undefined {
    let bytes = 0;
    const rows = engine.selectStored(this.sql.selectOutbox(this.values), [maxRows], (row) => {
      bytes += sizeOf(row as StoredValue[]);
      return bytes < maxBytes;
    }) as OutboxRow[];
    if (rows.length === 0) return undefined;
    for (const row of rows) this.restoreText(engine, row);
    const records: OutboxBatch['records'] = [];
    let index = 0;
    while (index < rows.length) {
      const end = endOfRecord(rows, index);
      // Looked up out here: a database that can't be read is not the record's fault.
      const map = this.meta.find(engine, mapIdOf(rows[index]!));
      const values = this.rows.values(rows[index]!, map);
      if (values > this.values) {
        this.values = values;
        return this.read(engine, maxRows, maxBytes);
      }
      const needed = this.rows.needed(rows[index]!, map);
      // A record cut off by the limits waits for the next batch; one that is larger than a batch is read whole.
      const mayBeCut = end === rows.length && index + needed > end && (rows.length === maxRows || bytes >= maxBytes);
      if (mayBeCut && records.length > 0) break;
      if (mayBeCut && (needed > maxRows || maxBytes !== Infinity)) {
        return this.read(engine, needed, Infinity);
      }
      records.push(this.rows.read(rows.slice(index, end), map));
      index = end;
    }
    return { records, rows: index, upTo: records.at(-1)!.last };
  }

  /** The driver puts U+FFFD for bytes that are no valid UTF-8; where a text has it, the bytes themselves are looked at. */
  private restoreText(engine: Engine, row: OutboxRow): void {
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

export function pendingIn(engine: Engine, { selectPending }: Pick<ReadSql, 'selectPending'>): Pending {
  return engine.execute(selectPending).rows![0] as Pending;
}

/** The same as of now, before what is asked next; to be called behind that, which it takes no time beside. */
export function pendingAhead(engine: Engine, { selectPending }: Pick<ReadSql, 'selectPending'>): () => Pending {
  const result = engine.executeAhead?.(selectPending);
  if (result) return () => result().rows![0] as Pending;
  const pending = pendingIn(engine, { selectPending });
  return () => pending;
}

function sizeOf(row: readonly StoredValue[]): number {
  let bytes = 0;
  for (const value of row) if (typeof value === 'string' || Buffer.isBuffer(value)) bytes += value.length;
  return bytes;
}
