import type { Engine } from '../dialect/engine';
import { UnknownEntityError } from '../errors';
import { ImageText } from '../model/image-text';
import { rowNamesOf } from '../model/row-names';
import type { TableMap } from '../model/table-map';
import type { CheckTarget } from '../reports';
import type { CheckTools, TableShapes } from './check-tools';
import type { CheckedTable, UnreadableTable } from './checked-table';

/**
 * The tables that are captured: by the entities of the DataSource or, where it has none, as for a command that was given
 * a URL alone, by the maps that the application's own capture has left.
 */
export class CheckedTables {
  private readonly seen = new Map<string, { version: string; table: CheckedTable | UnreadableTable }>();

  constructor(private readonly tools: CheckTools) {}

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

  /** The table as it is in this turn. */
  look(engine: Engine, table: string): CheckedTable | UnreadableTable {
    const version = this.tools.shapes.version(engine);
    const seen = this.seen.get(table);
    if (version !== undefined && seen?.version === version) return seen.table;
    const found = this.examine(engine, table);
    if (version !== undefined) this.seen.set(table, { version, table: found });
    return found;
  }

  private examine(engine: Engine, table: string): CheckedTable | UnreadableTable {
    const { meta, names, shapes } = this.tools;
    const maps = [...meta.allMaps(engine).values()];
    const look = shapes.look(engine, table, maps.filter((map) => map.table === table).at(-1));
    if ('reason' in look) return look;
    const { map, index, live } = look;
    const primary = map.columns.filter((column) => column.primary);
    if (primary.length === 0) return { reason: 'it has no primary key' };
    if (primary.some(({ redacted }) => redacted)) return { reason: 'its primary key is redacted' };
    const mapId = shapes.idOf(engine, map);
    if (mapId === undefined) return { reason: 'its triggers do not fit it: audit-trail migrate makes them anew' };
    const columns = primary.map(({ name }) => name);
    // In the order of the index there is no need to sort; an entity may have another key than its table.
    const key = index.length === columns.length && index.every((name) => columns.includes(name)) ? index : columns;
    return {
      map,
      mapId,
      keyed: { table, columns: map.columns, key, ...(live && { live }) },
      text: new ImageText(map),
      names: rowNamesOf(table, [map, ...maps], names),
      notCompared: notCompared(map, look.columns),
    };
  }

  private definitions(engine: Engine): TableShapes['planned'] {
    const { meta, shapes } = this.tools;
    return shapes.planned.length > 0 ? shapes.planned : [...meta.allMaps(engine).values()];
  }

  private nameOf(target: CheckTarget): string | undefined {
    if (typeof target === 'string') return target;
    const { dataSource } = this.tools;
    return dataSource.hasMetadata(target) ? dataSource.getMetadata(target).name : undefined;
  }
}

function notCompared(map: TableMap, live: readonly string[]): { column: string; reason: string }[] {
  return live.flatMap((column) => {
    const mapped = map.columns.find(({ name }) => name === column);
    if (!mapped) return [{ column, reason: 'not audited' }];
    return mapped.redacted ? [{ column, reason: 'redacted' }] : [];
  });
}
