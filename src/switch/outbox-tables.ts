import type { Dialect } from '../dialect/dialect';
import type { Engine } from '../dialect/engine';
import type { LiveColumn } from '../dialect/revert-sql';
import type { Reference, RowPlace } from '../dialect/table-sql';
import { SwitchDiffersError } from '../errors';
import type { StoredValue } from '../model/stored-value';
import { LiveRows } from '../store/live-rows';
import type { Note } from './note';
import { type PlacedRow, type SideTable, tableBlock, type TableSide } from './table-side';

/** The application's tables of a database that takes any value in any column. */
export class OutboxTables implements TableSide {
  readonly formOf = undefined;
  readonly plannedOf = undefined;
  private readonly rows: LiveRows;

  /** @param commit does all of a work, and writes notes, or nothing */
  constructor(
    private readonly engine: Engine,
    private readonly dialect: Dialect,
    private readonly commit: (work: () => void, notes: readonly Note[]) => void,
  ) {
    this.rows = new LiveRows(dialect.checkSql);
  }

  async columns(table: string): Promise<LiveColumn[]> {
    const { sql, parameters } = this.dialect.revertSql.listColumns(table);
    return this.engine.execute(sql, parameters).rows as LiveColumn[];
  }

  async references(): Promise<Reference[]> {
    return this.sql.references(this.engine);
  }

  async count(table: string): Promise<number> {
    return this.rows.count(this.engine, table);
  }

  async read({ table, live, columns }: SideTable, after: RowPlace | undefined): Promise<PlacedRow[]> {
    const names = live.map(({ name }) => name);
    const key = this.sql.rowKey(this.engine, table, names);
    const read = [...new Set([...columns.map(({ name }) => name), ...key])];
    const keyed = { table, columns: read.map((name) => ({ name, property: name, kind: 'any' as const })), key };
    const behind = after && 'key' in after ? after.key : undefined;
    const { rows } = this.rows.read(this.engine, keyed, behind, tableBlock.rows, tableBlock.bytes);
    const places = key.map((name) => read.indexOf(name));
    return rows.map((row) => ({
      values: row.slice(0, columns.length),
      place: { key: places.map((place) => row[place]!) },
    }));
  }

  async write(
    { table, columns }: SideTable,
    rows: readonly (readonly StoredValue[])[],
    _unchecked: readonly Reference[],
    notes: readonly Note[],
  ): Promise<void> {
    const names = columns.map(({ name }) => name);
    this.commit(() => {
      const triggers = this.sql.triggers(this.engine, table);
      for (const { drop } of triggers) this.engine.execute(drop);
      for (const row of rows) {
        const { sql, parameters } = this.sql.insertRow(table, names, row);
        this.engine.execute(sql, parameters);
      }
      for (const { create } of triggers) this.engine.execute(create);
    }, notes);
  }

  async beginTables(): Promise<void> {
    this.sql.allowStrayReferences(this.engine, true);
  }

  async endTables(): Promise<void> {
    this.sql.allowStrayReferences(this.engine, false);
    const stray = await this.stray();
    if (stray.length === 0) return;
    throw new SwitchDiffersError(`Rows refer to others that are not there, in ${stray.join(', ')}.`);
  }

  async stray(): Promise<string[]> {
    return this.sql.strayReferences(this.engine);
  }

  async nextNumber(table: string): Promise<bigint | undefined> {
    return this.sql.nextNumber(this.engine, table);
  }

  async numberFrom(table: string, next: bigint): Promise<void> {
    this.sql.numberFrom(this.engine, table, next);
  }

  private get sql() {
    return this.dialect.tableSql;
  }
}
