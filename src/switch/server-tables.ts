import type { QueryRunner } from 'typeorm';
import type { LiveColumn } from '../dialect/revert-sql';
import type { LiveServerColumn } from '../dialect/server-capture';
import type { ServerSession } from '../dialect/server-dialect';
import type { Reference, RowPlace, ServerRows } from '../dialect/table-sql';
import { SwitchDiffersError } from '../errors';
import type { PlannedColumn } from '../model/planned-table';
import type { StoredValue } from '../model/stored-value';
import type { Note } from './note';
import { type ColumnForm, type PlacedRow, type SideTable, tableBlock, type TableSide } from './table-side';

/** The application's tables of a database on a server, whose columns hold their values to a type. */
export class ServerTables implements TableSide {
  /** @param commit does all of a work, and writes notes, or nothing */
  constructor(
    private readonly session: ServerSession,
    private readonly commit: (work: (runner: QueryRunner) => Promise<void>, notes: readonly Note[]) => Promise<void>,
  ) {}

  readonly formOf = (column: LiveColumn): ColumnForm => ({
    normal: (value) => this.sql.normal(column as LiveServerColumn, value),
    plain: (value) => this.sql.plain(column as LiveServerColumn, value),
    isNamedAlike: this.sql.namedAlike(column as LiveServerColumn),
    isWider: this.sql.planned(column as LiveServerColumn).kind === 'decimal',
  });

  readonly plannedOf = (column: LiveColumn): PlannedColumn => this.sql.planned(column as LiveServerColumn);

  async columns(table: string): Promise<LiveColumn[]> {
    const { sql, parameters } = this.session.revertSql.listColumns(table);
    return (await this.session.pool.query(sql, parameters)) as unknown as LiveServerColumn[];
  }

  async references(): Promise<Reference[]> {
    return (await this.session.pool.query(this.sql.selectReferences)) as unknown as Reference[];
  }

  async count(table: string): Promise<number> {
    const [row] = await this.session.pool.query(this.sql.countRows(table));
    return Number(row?.['count']);
  }

  async read(table: SideTable, after: RowPlace | undefined): Promise<PlacedRow[]> {
    const rows = rowsOf(table);
    // A key that does not move tells rows apart all the same.
    const read = {
      ...rows,
      columns: [...rows.columns, ...rows.key.filter((column) => !rows.columns.includes(column))],
    };
    const { sql, parameters } = this.sql.selectRows(read, after, tableBlock.rows, tableBlock.bytes);
    const found = await this.session.pool.query(sql, parameters);
    const keyPlaces = rows.key.map((column) => read.columns.indexOf(column));
    const start = after && 'row' in after ? after.row : 0;
    return found.map((row, index) => {
      const values = this.sql.toStored(
        read,
        read.columns.map((_, place) => row[`c${place}`]),
      );
      const key = keyPlaces.map((place) => values[place]!);
      return {
        values: values.slice(0, rows.columns.length),
        place: rows.key.length > 0 ? { key } : { row: start + index + 1 },
      };
    });
  }

  async write(
    table: SideTable,
    rows: readonly (readonly StoredValue[])[],
    unchecked: readonly Reference[],
    notes: readonly Note[],
  ): Promise<void> {
    if (rows.length === 0) return this.commit(() => Promise.resolve(), notes);
    const target = rowsOf(table);
    const triggers = (await this.session.pool.query(this.sql.selectTriggers(table.table))).map(({ name }) =>
      String(name),
    );
    const staged = rows.map((row) => this.sql.toStaged(target, row));
    const batches = this.sql.takeStaged(target, { triggers, references: unchecked });
    await this.commit((runner) => this.session.stagedInsert(runner, this.sql.staged(target), staged, batches), notes);
  }

  async beginTables(): Promise<void> {
    // What is in the way of rows is so for one transaction at a time.
  }

  async endTables(unchecked: readonly Reference[]): Promise<void> {
    for (const reference of unchecked) {
      const refused = await this.session.pool.query(this.sql.enforce(reference));
      if (refused.length === 0) continue;
      throw new SwitchDiffersError(`Rows of ${reference.table} refer to others that are not in ${reference.to}.`);
    }
  }

  /** The database sees to it, but for foreign keys that it was told not to trust. */
  async stray(): Promise<string[]> {
    return [];
  }

  async nextNumber(table: string): Promise<bigint | undefined> {
    const number = await this.number(table);
    if (!number) return undefined;
    return number.last === null ? number.seed : number.last + number.increment;
  }

  async numberFrom(table: string, next: bigint): Promise<void> {
    const number = await this.number(table);
    if (!number) return;
    // Until a table has had a row the number is that of the first one.
    const restart = number.last === null ? next : next - number.increment;
    if (restart !== (number.last ?? number.seed)) await this.session.pool.query(this.sql.restartNumber(table, restart));
  }

  private async number(table: string): Promise<{ seed: bigint; increment: bigint; last: bigint | null } | undefined> {
    const [row] = await this.session.pool.query(this.sql.selectNumber(table));
    if (!row) return undefined;
    const { seed, increment, last } = row as Record<string, string | null>;
    return { seed: BigInt(seed!), increment: BigInt(increment!), last: last === null ? null : BigInt(last!) };
  }

  private get sql() {
    return this.session.tableSql;
  }
}

function rowsOf({ table, live, columns }: SideTable): ServerRows {
  const key = (live as readonly LiveServerColumn[])
    .filter(({ keyPlace }) => keyPlace > 0)
    .sort((a, b) => a.keyPlace - b.keyPlace);
  return { table, columns: columns as readonly LiveServerColumn[], key };
}
