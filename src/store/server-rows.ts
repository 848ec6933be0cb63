import type { KeyedTable } from '../dialect/check-sql';
import type { Engine } from '../dialect/engine';
import type { ServerCheckSql, TypedTable } from '../dialect/server-check-sql';
import { sameStored } from '../model/codec';
import type { StoredValue } from '../model/stored-value';
import type { RowChunk } from './live-rows';

/** Reads the rows of a table on a server as stored, a chunk at a time. */
export class ServerRows {
  constructor(private readonly sql: ServerCheckSql) {}

  count(engine: Engine, table: string): number {
    return Number(engine.scalar(this.sql.countRows(table)));
  }

  read(
    engine: Engine,
    keyed: KeyedTable,
    after: readonly StoredValue[] | undefined,
    maxRows: number,
    maxBytes: number,
  ): RowChunk {
    const table = keyed as TypedTable;
    const { sql, parameters } = this.sql.selectRows(table, after, maxRows, maxBytes);
    const rows = engine.selectStored(sql, parameters, () => true).map((row) => this.sql.toStored(table, row));
    const last = rows.at(-1);
    const isEnd = last === undefined || (rows.length < maxRows && !this.sql.isWeighed(table));
    const next = table.key.map((name) => table.columns.findIndex((column) => column.name === name));
    return { rows, next: isEnd ? undefined : next.map((index) => last[index] ?? null) };
  }

  /** By a column's collation the row that is found may have another key. */
  present(engine: Engine, keyed: KeyedTable, keys: readonly (readonly StoredValue[])[]): boolean[] {
    const present = keys.map(() => false);
    const table = keyed as TypedTable;
    const most = this.sql.mostKeys(table);
    for (let start = 0; start < keys.length; start += most) {
      const { sql, parameters } = this.sql.selectKeys(table, keys.slice(start, start + most), 'all');
      for (const [at, ...texts] of engine.selectStored(sql, parameters, () => true)) {
        const place = start + Number(at);
        const live = this.sql.toKey(table, texts);
        if (live.every((value, index) => sameStored(value, keys[place]![index]!))) present[place] = true;
      }
    }
    return present;
  }
}
