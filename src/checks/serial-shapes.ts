import type { Capture } from '../capture/instrument';
import type { CaptureSql } from '../dialect/capture-sql';
import type { CheckSql } from '../dialect/check-sql';
import type { Engine } from '../dialect/engine';
import type { TableMap } from '../model/table-map';
import type { TableLook, TableShapes } from './check-tools';

/** The tables under the capture of one connection. */
export class SerialShapes implements TableShapes {
  constructor(
    private readonly capture: Capture,
    private readonly captureSql: CaptureSql,
    private readonly checkSql: CheckSql,
  ) {}

  get planned(): TableShapes['planned'] {
    return this.capture.plan.tables;
  }

  version(engine: Engine): string {
    return this.captureSql.versions.map((query) => String(engine.scalar(query))).join('/');
  }

  idOf(engine: Engine, map: TableMap): number {
    return this.capture.meta.idOf(engine, map);
  }

  look(engine: Engine, table: string, stored: TableMap | undefined): TableLook | { reason: string } {
    const columns = names(engine, this.captureSql.listColumns(table));
    const map = this.mapOf(table, columns, stored);
    if (!map) return { reason: 'the table is not there' };
    if (this.capture.triggers.virtualTables().includes(table)) return { reason: 'a virtual table is not captured' };
    return { columns, map, index: names(engine, this.checkSql.listKey(table)) };
  }

  private mapOf(table: string, live: readonly string[], stored: TableMap | undefined): TableMap | undefined {
    const plan = this.capture.plan.tables.find((planned) => planned.table === table);
    return plan ? this.capture.triggers.mapOf(plan) : mapOfLive(stored, live);
  }
}

/** Of a stored map the columns that are there still; undefined where none is. */
export function mapOfLive(stored: TableMap | undefined, live: readonly string[]): TableMap | undefined {
  const columns = stored?.columns.filter(({ name }) => live.includes(name)) ?? [];
  return stored && columns.length > 0 ? { ...stored, columns } : undefined;
}

function names(engine: Engine, sql: string): string[] {
  return (engine.execute(sql).rows as { name: string }[]).map(({ name }) => name);
}
