import type { AloneDatabase, AloneOptions } from '../dialect/alone-database';
import { type CheckSteps, messageOf } from '../dialect/check-steps';
import { plannedTables } from '../dialect/planned-tables';
import type { PlannedTable } from '../model/planned-table';
import { ExactDecimal } from '../model/stored-value';
import { checkData } from './check-data';
import type { TablesTask } from './check-tables';
import type { LogSide } from './log-side';
import { blocksOf } from './move-tables';
import type { TablePlan } from './plan-tables';
import type { TableSide } from './table-side';

/** The databases of a switch, and the tables that move, if any do. */
interface Found {
  from: LogSide | undefined;
  to: LogSide | undefined;
  tables: TablesTask | undefined;
}

/** Looks for values that the target would refuse or change. */
export async function checkValues(
  from: AloneDatabase,
  toUrl: string,
  found: Found,
  application: AloneOptions,
  steps: CheckSteps,
): Promise<void> {
  const plans = found.tables?.plans;
  if (from.kind !== 'outbox') {
    const doesTargetTakeAny = found.to !== undefined && found.to.tables.formOf === undefined;
    if (found.from && plans && doesTargetTakeAny) return checkWide(found.from.tables, plans, steps);
    return steps.skip(['data'], 'the source has held its columns to their types');
  }
  const collation = await found.to?.collation();
  const plannedOf = found.to?.tables.plannedOf;
  let tables: PlannedTable[];
  try {
    tables =
      plans && plannedOf
        ? plans.map((plan) => asTheTargetHasIt(plan, plannedOf))
        : await plannedTables(toUrl, application);
  } catch (error) {
    return steps.fail('entities', messageOf(error), 'Declare the entities so that both databases know their types.');
  }
  if (tables.length === 0 || (plans && !plannedOf)) return steps.ok('data', 'the target takes any value in any column');
  if (!collation) return steps.skip(['data'], 'the target does not say what it takes for equal');
  checkData(from.engine, from.dialect, tables, collation, steps);
}

/** The columns are those of the table that is there, which a migration may have made otherwise than the entity says. */
function asTheTargetHasIt(
  { from, to, leftOut, required, uniques }: TablePlan,
  plannedOf: NonNullable<TableSide['plannedOf']>,
): PlannedTable {
  const columns = from.columns.map(({ name }, place) => {
    const live = plannedOf(to.columns[place]!);
    // A default is for a value that is not given, not for one that is null.
    return { ...live, name, isNullable: live.isNullable && !required.includes(name) };
  });
  return {
    table: from.table,
    columns,
    uniques: uniques.filter((set) => !set.some((name) => leftOut.includes(name))),
  };
}

/** Numbers with more digits than a database without such a type keeps. */
async function checkWide(from: TableSide, plans: readonly TablePlan[], steps: CheckSteps): Promise<void> {
  let isFine = true;
  for (const { from: table, way } of plans) {
    const places = table.columns.flatMap((column, place) => (from.formOf?.(column).isWider ? [place] : []));
    if (places.length === 0) continue;
    const found = new Map<number, number>();
    for await (const rows of blocksOf(from, table)) {
      for (const { values } of rows) {
        const plain = way.target(way.normal(values));
        for (const place of places)
          if (plain[place] instanceof ExactDecimal) found.set(place, (found.get(place) ?? 0) + 1);
      }
    }
    for (const [place, rows] of found) {
      isFine = false;
      const detail = `${table.table}: ${table.columns[place]!.name} holds decimals with more digits than the target keeps, in ${rows.toLocaleString('en-US')} rows.`;
      steps.fail('data', detail, 'Round them in the source, or make the column a text.');
    }
  }
  if (isFine) steps.ok('data', 'the target takes any value in any column');
}
