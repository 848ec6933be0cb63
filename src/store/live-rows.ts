import type { CheckSql, KeyedTable } from '../dialect/check-sql';
import type { Engine } from '../dialect/engine';
import { sameStored } from '../model/codec';
import { InvalidText, type StoredValue } from '../model/stored-value';

/** Rows of a table in the order of their key. */
export interface RowChunk {
  rows: StoredValue[][];
  /** Key of the last row, after which the next chunk begins; undefined where the table ended. */
  next: StoredValue[] | undefined;
}

/** A key that is text without being valid UTF-8: it can neither be bound nor named. */
export class UnreadableKeyError extends Error {}

/** Reads the rows of a table as stored, a chunk at a time, whatever size the table has. */
export class LiveRows {
  constructor(private readonly sql: CheckSql) {}

  count(engine: Engine, table: string): number {
    return Number(engine.scalar(this.sql.countRows(table)));
  }

  /**
   * At most `maxRows`, and beyond the first row about `maxBytes` of values.
   * @throws UnreadableKeyError
   */
  read(
    engine: Engine,
    table: KeyedTable,
    after: readonly StoredValue[] | undefined,
    maxRows: number,
    maxBytes: number,
  ): RowChunk {
    let bytes = 0;
    const sql = this.sql.selectRows(table, after === undefined);
    const rows = engine.selectStored(sql, [...(after ?? []), maxRows], (row) => {
      bytes += sizeOf(row as StoredValue[]);
      return bytes < maxBytes;
    }) as StoredValue[][];
    const indexes = table.key.map((name) => table.columns.findIndex((column) => column.name === name));
    const keyOf = (row: StoredValue[]) => indexes.map((index) => row[index] ?? null);
    for (const row of rows) this.restoreText(engine, table, row, keyOf(row));
    const last = rows.at(-1);
    const isEnd = last === undefined || (rows.length < maxRows && bytes < maxBytes);
    return { rows, next: isEnd ? undefined : keyOf(last) };
  }

  /** By a column's collation the row that is found may have another key. */
  present(engine: Engine, table: KeyedTable, keys: readonly (readonly StoredValue[])[]): boolean[] {
    return keys.map((key) => {
      const live = this.keyOf(engine, table, key);
      return live?.every((value, index) => sameStored(value, key[index]!)) ?? false;
    });
  }

  private keyOf(engine: Engine, table: KeyedTable, key: readonly StoredValue[]): StoredValue[] | undefined {
    return engine.selectStored(this.sql.selectKey(table), key, () => false)[0] as StoredValue[] | undefined;
  }

  /** The driver puts U+FFFD for bytes that are no valid UTF-8; where a text has it, the bytes themselves are looked at. */
  private restoreText(engine: Engine, table: KeyedTable, row: StoredValue[], key: StoredValue[]): void {
    for (const [index, value] of row.entries()) {
      if (typeof value !== 'string' || !value.includes('\uFFFD')) continue;
      const sql = this.sql.selectBytes(table, table.columns[index]!.name);
      const bytes = engine.selectStored(sql, key, () => false)[0]?.[0];
      if (!Buffer.isBuffer(bytes)) throw new UnreadableKeyError();
      if (!bytes.equals(Buffer.from(value))) row[index] = new InvalidText(bytes);
    }
  }
}

function sizeOf(row: readonly StoredValue[]): number {
  let bytes = 0;
  for (const value of row) if (typeof value === 'string' || Buffer.isBuffer(value)) bytes += value.length;
  return bytes;
}
