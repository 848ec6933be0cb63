import type { ApplicationTable } from '../dialect/application-tables';
import type { CheckSteps } from '../dialect/check-steps';
import type { StoredValue } from '../model/stored-value';
import type { LogSide } from './log-side';
import { blocksOf, rowsCopied } from './move-tables';
import { planTables, type TablePlan } from './plan-tables';

/** The tables that move; without plans they are still to be made in the target. */
export interface TablesTask {
  tables: readonly ApplicationTable[];
  plans: TablePlan[] | undefined;
}

/** Looks whether tables can move: both databases have them, and those of the target wait for rows. */
export async function checkTables(
  from: LogSide,
  to: LogSide,
  tables: readonly ApplicationTable[],
  mayBeMade: boolean,
  steps: CheckSteps,
): Promise<TablesTask> {
  const plans = await planTables(from.tables, to.tables, tables, mayBeMade, steps);
  if (plans) {
    await checkRows(from, to, plans, steps);
    await checkKeys(from, to, plans, steps);
  }
  const names = new Set(tables.map((table) => table.from.toLowerCase()));
  const stray = (await from.tables.stray()).filter((table) => names.has(table.toLowerCase()));
  if (stray.length > 0) {
    steps.fail(
      'references',
      `Rows of the source refer to others that are not there: in ${stray.join(', ')}.`,
      'Mend or delete them in the source.',
    );
  } else steps.ok('references', 'no row of the source refers to one that is not there');
  return { tables, plans };
}

/** What entries call a row is the text of its key, which some values have in another form on the other side. */
async function checkKeys(from: LogSide, to: LogSide, plans: readonly TablePlan[], steps: CheckSteps): Promise<void> {
  const renamed: string[] = [];
  for (const plan of plans) {
    const parts = keyParts(from, to, plan);
    if (parts.length === 0) continue;
    const keys = { ...plan.from, columns: parts.map(({ column }) => column) };
    let count = 0;
    for await (const rows of blocksOf(from.tables, keys)) {
      count += rows.filter(({ values }) => !parts.every(({ isAlike }, place) => isAlike(values[place]!))).length;
    }
    if (count > 0) renamed.push(`${count.toLocaleString('en-US')} of ${plan.to.table}`);
  }
  if (renamed.length === 0) return steps.ok('keys', 'entries call each row what they called it before');
  steps.warn(
    'keys',
    `Entries of the target call some rows otherwise, by the form of their keys there: ${renamed.join(', ')}.`,
    'The history of such a row begins anew there. Read the forms of values that move, or make the key a text on both sides.',
  );
}

/** The columns of a key that may have another form on the other side, each with a test of a value of the source. */
function keyParts({ tables: from }: LogSide, { tables: to }: LogSide, plan: TablePlan) {
  const formOf = from.formOf ?? to.formOf;
  if (!formOf || (from.formOf && to.formOf)) return [];
  const [typed, untyped] = from.formOf ? [plan.from, plan.to] : [plan.to, plan.from];
  return plan.from.columns.flatMap((column, place) => {
    if (!plan.uniques[0]?.includes(untyped.columns[place]!.name)) return [];
    const form = formOf(typed.columns[place]!);
    const { isNamedAlike } = form;
    if (!isNamedAlike) return [];
    return [
      { column, isAlike: (value: StoredValue) => isNamedAlike(from.formOf ? form.plain(form.normal(value)) : value) },
    ];
  });
}

async function checkRows(from: LogSide, to: LogSide, plans: readonly TablePlan[], steps: CheckSteps): Promise<void> {
  const copied = (await to.hasLog()) ? await rowsCopied(to, await from.logId()) : new Map<string, number>();
  const others: string[] = [];
  for (const { to: target } of plans) {
    const rows = await to.tables.count(target.table);
    if (rows !== (copied.get(target.table) ?? 0)) others.push(`${target.table} has ${rows.toLocaleString('en-US')}`);
  }
  if (others.length > 0) {
    steps.fail(
      'rows',
      `The target's tables have rows that no run of this switch has brought: ${others.join(', ')}.`,
      'Empty them, or name a target whose tables are empty.',
    );
  } else if (copied.size > 0) {
    const sum = [...copied.values()].reduce((total, rows) => total + rows, 0);
    steps.ok('rows', `an earlier run was broken off behind ${sum.toLocaleString('en-US')} rows, and goes on there`);
  } else steps.ok('rows', "the target's tables are empty");
}
