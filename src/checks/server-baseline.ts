import type { Engine } from '../dialect/engine';
import { runReplayed } from '../dialect/replayed';
import type { ServerCheckSql, TypedTable } from '../dialect/server-check-sql';
import type { ServerRow } from '../dialect/server-dialect';
import type { StoredValue } from '../model/stored-value';
import { timeOrderedId } from '../model/time-ordered-id';
import { ownTransaction } from '../store/server-entries';
import type { BaselineChunk } from './baseline';
import type { CheckedTable } from './checked-table';
import { chunkBytes, type CheckRun } from './check-run';
import type { ServerTurns } from './server-turns';

/** A baseline that the server writes by itself: rows and entries of a chunk never leave it. */
export class ServerBaseline {
  constructor(
    private readonly sql: ServerCheckSql,
    private readonly turns: ServerTurns,
  ) {}

  async recordChunk(run: CheckRun, name: string, after: StoredValue[] | undefined): Promise<BaselineChunk | undefined> {
    return this.turns.transaction(async (connection) => {
      const look = (engine: Engine) => run.lookAt(engine, name, (_, table) => table);
      const table = await runReplayed(look, connection);
      if (!table) return undefined;
      const { sql, parameters } = this.statement(run, table, after);
      const [row] = await connection.query(sql, parameters);
      const chunk = this.chunkOf(table, row!, run.chunkSize);
      if (!chunk.next) {
        const note = this.sql.noteBaseline(table.map.table);
        await connection.query(note.sql, note.parameters);
      }
      return chunk;
    });
  }

  private statement(run: CheckRun, table: CheckedTable, after: StoredValue[] | undefined) {
    const { map, mapId, names } = table;
    const limits = { rows: run.chunkSize, bytes: chunkBytes };
    const baselineTable = { ...(table.keyed as TypedTable), map, mapId, names };
    return this.sql.recordChunk(baselineTable, after, limits, ownTransaction(timeOrderedId(), run.context));
  }

  private chunkOf({ keyed }: CheckedTable, row: ServerRow, most: number): BaselineChunk {
    const table = keyed as TypedTable;
    const rows = Number(row['looked']);
    const isEnd = rows === 0 || (rows < most && !this.sql.isWeighed(table));
    const texts = keyed.key.map((_, place) => row[`k${place}`]);
    return { rows, recorded: Number(row['recorded']), next: isEnd ? undefined : this.sql.toKey(table, texts) };
  }
}
