import type { MappedColumn, TableMap } from '../model/table-map';
import { columnKey, type TablePlan } from './entity-plan';

/** What is asked of a column as the database has it. */
interface AnyColumn {
  name: string;
  isKey: number | boolean;
}

/** A table as it is recorded: its map, and its columns in the same order. */
export interface TableShape<Column> {
  map: TableMap;
  columns: { mapped: MappedColumn; live: Column }[];
}

/** What the entities say of a table, put on the columns that it has now; one that is left out is not among them. */
export function shapeOf<Column extends AnyColumn>(plan: TablePlan, live: readonly Column[]): TableShape<Column> {
  const columns: TableShape<Column>['columns'] = [];
  const taken = new Set<string>();
  const unplanned = unplannedColumn(plan, live);
  for (const column of live) {
    const planned = plan.columns.get(columnKey(column.name));
    if (planned === null) continue;
    const mapped: MappedColumn = { name: column.name, ...(planned ?? { property: column.name, ...unplanned }) };
    // A table without an entity has its key from the database alone.
    if (plan.columns.size === 0 && column.isKey) mapped.primary = true;
    if (taken.has(mapped.property)) mapped.property = column.name;
    taken.add(mapped.property);
    columns.push({ mapped, live: column });
  }
  const { entity, table, discriminator, deleteDate, junction } = plan;
  const map: TableMap = {
    entity,
    table,
    columns: columns.map(({ mapped }) => mapped),
    ...(discriminator && { discriminator }),
    ...(deleteDate !== undefined && { deleteDate }),
    ...(junction && { junction }),
  };
  return { map, columns };
}

/**
 * How to treat a column that no entity knows. Where one that must not be readable is not in the table, such as in the
 * middle of a migration that renames it, any unknown column could be that one.
 */
function unplannedColumn(plan: TablePlan, live: readonly AnyColumn[]): Pick<MappedColumn, 'kind' | 'redacted'> {
  const names = new Set(live.map(({ name }) => columnKey(name)));
  const isHiding = [...plan.columns].some(([key, column]) => (column === null || column.redacted) && !names.has(key));
  return isHiding ? { kind: 'any', redacted: true } : { kind: 'any' };
}
