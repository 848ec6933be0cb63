import type { DataSource } from 'typeorm';
import type { Capture } from '../capture/instrument';
import type { KeyedTable } from '../dialect/check-sql';
import type { Dialect } from '../dialect/dialect';
import type { Engine } from '../dialect/engine';
import { UnknownEntityError } from '../errors';
import { ImageText } from '../model/image-text';
import { type RowNames, rowNamesOf } from '../model/row-names';
import type { TableMap } from '../model/table-map';
import type { CheckTarget } from '../reports';

/** A table as it is now, with all that comparing its rows with the trail takes. */
export interface CheckedTable {
  map: TableMap;
  mapId: number;
  keyed: KeyedTable;
  text: ImageText;
  /** How the trail names the rows of this table. */
  names: RowNames;
  notCompared: { column: string; reason: string }[];
}

/** Why a table can't be looked at. */
export interface UnreadableTable {
  reason: string;
}

/**
 * The tables that are captured: by the entities of the DataSource or, where it has none, as for a command that was given
 * a URL alone, by the maps that the application's own capture has left.
 */
export class CheckedTables {
  private readonly seen = new Map<string, { versions: string; table: CheckedTable | UnreadableTable }>();

  constructor(
    private readonly dialect: Dialect,
    private readonly capture: Capture,
    private readonly dataSource: DataSource,
  ) {}

  /** @throws UnknownEntityError */
  list(engine: Engine, targets: readonly CheckTarget[] | undefined): string[] {
    const names = new Map<string, Set<string>>();
    for (const { table, entity, discriminator } of this.definitions(engine)) {
      const known = names.get(table) ?? new Set([table]);
      names.set(table, known);
      for (const name of [entity, ...Object.values(discriminator?.entities ?? {})]) known.add(name);
    }
    const all = [...names.keys()].sort();
    if (!targets) return all;
    const wanted = targets.map((target) => {
      const name = this.nameOf(target);
      const table = all.find((candidate) => name !== undefined && names.get(candidate)!.has(name));
      if (table !== undefined) return table;
      throw new UnknownEntityError(`There is no captured entity or table ${name ? `"${name}"` : 'of this kind'}.`, {
        value: name ?? target,
      });
    });
    return [...new Set(wanted)];
  }

  /** The table as it is in this transaction. */
  look(engine: Engine, table: string): CheckedTable | UnreadableTable {
    const versions = this.dialect.captureSql.versions.map((query) => String(engine.scalar(query))).join('/');
    const seen = this.seen.get(table);
    if (seen?.versions === versions) return seen.table;
    const found = this.examine(engine, table);
    this.seen.set(table, { versions, table: found });
    return found;
  }

  private examine(engine: Engine, table: string): CheckedTable | UnreadableTable {
    const { meta } = this.capture;
    const live = this.names(engine, this.dialect.captureSql.listColumns(table));
    const map = this.mapOf(engine, table, live);
    if (!map) return { reason: 'the table is not there' };
    if (this.capture.triggers.virtualTables().includes(table)) return { reason: 'a virtual table is not captured' };
    const primary = map.columns.filter((column) => column.primary);
    if (primary.length === 0) return { reason: 'it has no primary key' };
    if (primary.some(({ redacted }) => redacted)) return { reason: 'its primary key is redacted' };
    const mapId = meta.idOf(engine, map);
    const index = this.names(engine, this.dialect.checkSql.listKey(table));
    const names = primary.map(({ name }) => name);
    // In the order of the index there is no need to sort; an entity may have another key than its table.
    const key = index.length === names.length && index.every((name) => names.includes(name)) ? index : names;
    return {
      map,
      mapId,
      keyed: { table, columns: map.columns, key },
      text: new ImageText(map),
      names: rowNamesOf(table, [map, ...meta.allMaps(engine).values()], this.capture.plan.names),
      notCompared: notCompared(map, live),
    };
  }

  private mapOf(engine: Engine, table: string, live: readonly string[]): TableMap | undefined {
    const plan = this.capture.plan.tables.find((planned) => planned.table === table);
    if (plan) return this.capture.triggers.mapOf(plan);
    const stored = [...this.capture.meta.allMaps(engine).values()].filter((map) => map.table === table).at(-1);
    const columns = stored?.columns.filter(({ name }) => live.includes(name)) ?? [];
    return stored && columns.length > 0 ? { ...stored, columns } : undefined;
  }

  private definitions(engine: Engine): Pick<TableMap, 'table' | 'entity' | 'discriminator'>[] {
    const { tables } = this.capture.plan;
    return tables.length > 0 ? tables : [...this.capture.meta.allMaps(engine).values()];
  }

  private nameOf(target: CheckTarget): string | undefined {
    if (typeof target === 'string') return target;
    return this.dataSource.hasMetadata(target) ? this.dataSource.getMetadata(target).name : undefined;
  }

  private names(engine: Engine, sql: string): string[] {
    return (engine.execute(sql).rows as { name: string }[]).map(({ name }) => name);
  }
}

function notCompared(map: TableMap, live: readonly string[]): { column: string; reason: string }[] {
  return live.flatMap((column) => {
    const mapped = map.columns.find(({ name }) => name === column);
    if (!mapped) return [{ column, reason: 'not audited' }];
    return mapped.redacted ? [{ column, reason: 'redacted' }] : [];
  });
}
