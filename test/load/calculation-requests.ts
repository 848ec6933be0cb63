import type { ExpectedChange } from '../crash/oracle/journal';
import { changeOf, formulas, type KnownCalculation, linkOf, recalculationOf, rowOf } from './calculation-book';
import { type Desk, newFormula, ownedBy, pathOf, paths, pick } from './desk';

/** A request, and what it does. */
export interface Plan {
  kind: string;
  request: string;
  body?: unknown;
  status: number;
  expected: ExpectedChange[];
  /** Brings the client's book up to date after a good answer. */
  apply?: (answer: { id: number }) => unknown;
}

type Planner = (desk: Desk) => Plan | undefined;

/** Owners and names that the database of the test refuses in the middle of a transaction, see `installPoison`. */
export const poison = 'poison';
const mostCalculations = 12;
const leastCalculations = 2;

const create: Planner = (desk) => {
  if (desk.calculations.size >= mostCalculations) return undefined;
  const isSystem = desk.random.chance(0.2);
  const owner = desk.random.chance(0.2) ? `${poison}-${desk.name}` : desk.name;
  const known: KnownCalculation = {
    table: isSystem ? 'system_calculation' : 'user_calculation',
    name: `${desk.name.replace('-', '_')}_${desk.next()}`,
    ...newFormula(desk.random, isSystem),
    owner,
    isDeleted: false,
  };
  const { name, formula, inputs } = known;
  return {
    kind: isSystem ? 'create system calculation' : 'create',
    request: `POST ${paths[known.table]}`,
    body: { name, formula, inputs, owner },
    status: 201,
    expected: [{ table: known.table, operation: 'insert', after: rowOf(known) }, ...linkOf(known, 'link')],
    apply: ({ id }) => desk.calculations.add(Object.assign(known, { id })),
  };
};

const change: Planner = (desk) => {
  const known = pick(desk, ({ isDeleted }) => !isDeleted);
  if (!known) return undefined;
  const body = desk.random.chance(0.3)
    ? { name: `${desk.name.replace('-', '_')}_${desk.next()}` }
    : newFormula(desk.random, known.table === 'system_calculation');
  return planChange('change', `PATCH ${pathOf(known)}`, known, body, body);
};

const softDelete: Planner = (desk) => {
  const known = pick(desk, ({ isDeleted }) => !isDeleted);
  return known && planChange('soft-delete', `DELETE ${pathOf(known)}`, known, { isDeleted: true });
};

const restore: Planner = (desk) => {
  const known = pick(desk, ({ isDeleted }) => isDeleted);
  return known && planChange('restore', `POST ${pathOf(known)}/restore`, known, { isDeleted: false });
};

const remove: Planner = (desk) => {
  const known = desk.calculations.size > leastCalculations ? pick(desk, () => true) : undefined;
  return (
    known && {
      kind: 'delete',
      request: `DELETE ${pathOf(known)}?hard=true`,
      status: 200,
      expected: [{ table: known.table, operation: 'delete', before: rowOf(known) }, ...linkOf(known, 'unlink')],
      apply: () => desk.calculations.delete(known),
    }
  );
};

const recalculate: Planner = (desk) => ({
  kind: 'recalculate',
  request: 'POST /calculations/recalculate',
  body: { owner: desk.name },
  status: 200,
  expected: ownedBy(desk, desk.name).flatMap(recalculationOf),
});

const poisonedRecalculation: Planner = (desk) => {
  const owner = `${poison}-${desk.name}`;
  if (ownedBy(desk, owner).length === 0) return undefined;
  return failing('recalculate, rolled back', 'POST /calculations/recalculate', { owner }, 500);
};

const poisonedCreation: Planner = ({ name }) => {
  const body = { name: `${poison} ${name}`, formula: formulas.shared, inputs: { net: 1 } };
  return failing('create, rolled back', 'POST /calculations', body, 500);
};

const unknownName: Planner = (desk) => {
  const known = pick(desk, ({ isDeleted }) => !isDeleted);
  return (
    known && failing('change, rolled back', `PATCH ${pathOf(known)}`, { name: 'lost', formula: 'nobody + 1' }, 422)
  );
};

const planners = [
  create,
  create,
  change,
  change,
  change,
  softDelete,
  restore,
  restore,
  remove,
  remove,
  recalculate,
].concat([poisonedRecalculation, poisonedCreation, unknownName]);

export function planRequest(desk: Desk): Plan {
  for (;;) {
    const plan = desk.random.pick(planners)(desk);
    if (plan) return plan;
  }
}

function planChange(
  kind: string,
  request: string,
  known: KnownCalculation,
  change: Partial<KnownCalculation>,
  body?: unknown,
): Plan {
  const expected = changeOf(known, { ...known, ...change });
  return { kind, request, body, status: 200, expected, apply: () => Object.assign(known, change) };
}

function failing(kind: string, request: string, body: unknown, status: number): Plan {
  return { kind, request, body, status, expected: [] };
}
