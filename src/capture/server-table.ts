import type { ServerCaptureSql, ServerColumn, ServerTable } from '../dialect/server-capture';
import { UnsupportedDatabaseError } from '../errors';
import type { TablePlan } from './entity-plan';
import { shapeOf } from './table-shape';

/**
 * A table as it is recorded, by what the entities say of it and the columns that it has.
 * @throws UnsupportedDatabaseError for a column that can't be recorded
 */
export function serverTable(sql: ServerCaptureSql, plan: TablePlan, live: readonly ServerColumn[]): ServerTable {
  const { map, columns } = shapeOf(plan, live);
  const refused = columns.flatMap((column) => sql.refusalOf(column.live) ?? []);
  if (refused.length > 0) {
    throw new UnsupportedDatabaseError(`Columns can't be recorded: ${refused.join('; ')}.`, { value: plan.table });
  }
  const typed = columns.map(({ live: column, mapped }) => ({ live: column, mapped: sql.mapped(column, mapped) }));
  return {
    map: { ...map, columns: typed.map(({ mapped }) => mapped) },
    columns: typed,
    requires: plan.warnsOnly ? [] : plan.requires,
    warnsOf: plan.warnsOnly ? plan.requires : [],
  };
}
