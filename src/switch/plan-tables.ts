import type { CheckSteps } from '../dialect/check-steps';
import type { ApplicationTable } from '../dialect/application-tables';
import type { LiveColumn } from '../dialect/revert-sql';
import type { StoredValue } from '../model/stored-value';
import type { ColumnForm, SideTable, TableSide } from './table-side';

/** A table that moves, as both databases have it. */
export interface TablePlan {
  from: SideTable;
  to: SideTable;
  /** Columns whose values the target makes by itself. */
  leftOut: string[];
  required: readonly string[];
  uniques: readonly string[][];
  way: RowWay;
}

const migrate =
  'Run your migrations against it, or, where it has none of the tables, have them made with --synchronize.';

/**
 * Matches the tables and columns of both databases by their names, and reports what does not match.
 * @param mayBeMade where the target has none of the tables they will be made from the entities
 * @returns undefined where they are still to be made, or something stands in the way
 */
export async function planTables(
  from: TableSide,
  to: TableSide,
  tables: readonly ApplicationTable[],
  mayBeMade: boolean,
  steps: CheckSteps,
): Promise<TablePlan[] | undefined> {
  const found = await Promise.all(
    tables.map(async (table) => ({
      table,
      left: await from.columns(table.from),
      right: await to.columns(table.to),
    })),
  );
  const without = (side: 'left' | 'right') => found.filter(({ [side]: columns }) => columns.length === 0);
  const noSource = without('left').map(({ table }) => table.from);
  const noTarget = without('right').map(({ table }) => table.to);
  if (noSource.length > 0) {
    steps.fail('tables', `The source lacks tables of entities: ${noSource.join(', ')}.`, 'Run your migrations there.');
  }
  if (noTarget.length === tables.length && mayBeMade) {
    if (noSource.length === 0) steps.ok('tables', `${tables.length} will be made from the entities`);
    return undefined;
  }
  if (noTarget.length > 0) steps.fail('tables', `The target lacks ${noTarget.join(', ')}.`, migrate);
  if (noSource.length + noTarget.length > 0) return undefined;
  const plans = found.map(({ table, left, right }) => matched(table, left, right, from, to, steps));
  const leftOut = plans.flatMap((plan) => plan?.leftOut.map((column) => `${plan.to.table}.${column}`) ?? []);
  if (leftOut.length > 0) {
    steps.warn(
      'columns',
      `Left out, because the target makes their values: ${leftOut.join(', ')}.`,
      'Nothing is to be done.',
    );
  }
  const whole = plans.filter((plan) => plan !== undefined);
  if (whole.length < plans.length) return undefined;
  steps.ok('tables', `${whole.length} of the application`);
  return whole;
}

function matched(
  table: ApplicationTable,
  left: LiveColumn[],
  right: LiveColumn[],
  from: TableSide,
  to: TableSide,
  steps: CheckSteps,
): TablePlan | undefined {
  // Databases do not tell names of columns apart by case.
  const key = ({ name }: LiveColumn) => name.toLowerCase();
  const there = new Map(right.map((column) => [key(column), column]));
  const here = new Set(left.map(key));
  const lost = left.filter((column) => !there.has(key(column))).map(({ name }) => name);
  const empty = right.filter((column) => column.isRequired === 1 && !here.has(key(column))).map(({ name }) => name);
  const pairs = left.flatMap((column) => {
    const other = there.get(key(column));
    return other ? [[column, other] as const] : [];
  });
  const moved = pairs.filter(([, other]) => other.isGenerated !== 1);
  if (lost.length > 0) steps.fail('columns', `${table.to} of the target lacks ${lost.join(', ')}.`, sameColumns);
  if (empty.length > 0) {
    steps.fail(
      'columns',
      `${table.to} of the target asks for ${empty.join(', ')}, which the source lacks.`,
      sameColumns,
    );
  }
  if (lost.length + empty.length > 0) return undefined;
  const [source, target] = [moved.map(([column]) => column), moved.map(([, column]) => column)];
  return {
    from: { table: table.from, live: left, columns: source },
    to: { table: table.to, live: right, columns: target },
    leftOut: pairs.filter(([, other]) => other.isGenerated === 1).map(([, { name }]) => name),
    required: table.required,
    uniques: table.uniques,
    way: new RowWay(from.formOf && source.map(from.formOf), to.formOf && target.map(to.formOf)),
  };
}

const sameColumns = 'Bring both databases to the same migration of the application.';

/** What becomes of the values of a row on the way; between databases of one kind they stay as they are. */
export class RowWay {
  private readonly forms: readonly ColumnForm[] | undefined;
  private readonly isToPlain: boolean;

  constructor(from: readonly ColumnForm[] | undefined, to: readonly ColumnForm[] | undefined) {
    this.forms = from && to ? undefined : (from ?? to);
    this.isToPlain = from !== undefined;
  }

  /** A row of either database in the form in which they are compared. */
  normal(row: readonly StoredValue[]): readonly StoredValue[] {
    return this.forms?.map((form, place) => form.normal(row[place]!)) ?? row;
  }

  /** A row in normal form as the target gets it. */
  target(row: readonly StoredValue[]): readonly StoredValue[] {
    return this.forms && this.isToPlain ? this.forms.map((form, place) => form.plain(row[place]!)) : row;
  }
}
