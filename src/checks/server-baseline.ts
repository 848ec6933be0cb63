import type { Engine } from '../dialect/engine';
import { runReplayed } from '../dialect/replayed';
import type { OwnTransaction, ServerCheckSql, TypedTable } from '../dialect/server-check-sql';
import type { ServerConnection, ServerRow, ServerSession } from '../dialect/server-dialect';
import type { StoredValue } from '../model/stored-value';
import { timeOrderedId } from '../model/time-ordered-id';
import type { DeliveredLog } from '../store/delivered-images';
import { ownTransaction } from '../store/server-entries';
import type { BaselineChunk } from './baseline';
import type { CheckedTable } from './checked-table';
import { chunkBytes, type CheckRun } from './check-run';
import type { ServerTurns } from './server-turns';

/**
 * A baseline that the server writes by itself: rows and entries of a chunk never leave it. Where the trail is delivered to
 * another database, that is asked which of the rows it knows, before the chunk commits and while their locks are held.
 */
export class ServerBaseline {
  private readonly sql: ServerCheckSql;

  constructor(
    private readonly session: ServerSession,
    private readonly turns: ServerTurns,
    private readonly delivered: DeliveredLog | undefined,
  ) {
    this.sql = session.checkSql;
  }

  async recordChunk(run: CheckRun, name: string, after: StoredValue[] | undefined): Promise<BaselineChunk | undefined> {
    return this.turns.transaction(async (connection) => {
      const look = (engine: Engine) => run.lookAt(engine, name, (_, table) => table);
      const table = await runReplayed(look, connection);
      if (!table) return undefined;
      const own = ownTransaction(timeOrderedId(), run.context);
      const { sql, parameters } = this.statement(table, after, run.chunkSize, own);
      const [row] = await connection.query(sql, parameters);
      const chunk = this.chunkOf(table, row!, run.chunkSize);
      if (chunk.recorded > 0) chunk.recorded -= await this.takeBack(connection, table, own);
      if (!chunk.next) {
        const note = this.sql.noteBaseline(table.map.table);
        await connection.query(note.sql, note.parameters);
      }
      return chunk;
    });
  }

  private statement(table: CheckedTable, after: StoredValue[] | undefined, rows: number, own: OwnTransaction) {
    const { map, mapId, names } = table;
    const baselineTable = { ...(table.keyed as TypedTable), map, mapId, names };
    return this.sql.recordChunk(baselineTable, after, { rows, bytes: chunkBytes }, own);
  }

  /** Takes back what was recorded of rows that the other database knows. @returns how many */
  private async takeBack(
    connection: ServerConnection,
    { names }: CheckedTable,
    { transactionId }: OwnTransaction,
  ): Promise<number> {
    if (!this.delivered) return 0;
    const rows = await connection.query(this.sql.selectOwn, [transactionId]);
    const ids = rows.map((row) => row['entity_id'] as string);
    const { images } = await this.delivered.lastImages({ names, ids });
    const known = new Set(images.map(({ askedId }) => askedId));
    const gone = rows.filter((row) => known.has(row['entity_id'] as string)).map(({ id }) => Number(id));
    if (gone.length > 0) await connection.query(this.session.deliverySql.removeOwn, [JSON.stringify(gone)]);
    return gone.length;
  }

  private chunkOf({ keyed }: CheckedTable, row: ServerRow, most: number): BaselineChunk {
    const table = keyed as TypedTable;
    const rows = Number(row['looked']);
    const isEnd = rows === 0 || (rows < most && !this.sql.isWeighed(table));
    const texts = keyed.key.map((_, place) => row[`k${place}`]);
    return { rows, recorded: Number(row['recorded']), next: isEnd ? undefined : this.sql.toKey(table, texts) };
  }
}
