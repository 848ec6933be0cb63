import type { ExpectedChange } from '../crash/oracle/journal';
import { integer, real, type Row, text } from '../crash/oracle/stored';

/** A calculation as the client that owns it knows it. */
export interface KnownCalculation {
  table: 'user_calculation' | 'system_calculation';
  /** Unknown until the answer to its creation. */
  id?: number;
  name: string;
  formula: string;
  inputs: Record<string, number>;
  owner: string;
  isDeleted: boolean;
}

/** The seeded system calculation that formulas here use, and its id. */
const vatRate = { id: 1, value: 20 / 100 };

export const formulas = { plain: 'a + b', shared: 'net * (1 + vat_rate)' };

/** Calculates as the service should; by hand, for the two formulas there are. */
function resultOf({ formula, inputs }: KnownCalculation): number {
  return formula === formulas.plain ? inputs.a! + inputs.b! : inputs.net! * (1 + vatRate.value);
}

/** The row without what the client can't know: timestamps, and the id until it is told. */
export function rowOf(known: KnownCalculation, status = 'done'): Row {
  return {
    ...(known.id !== undefined && { id: integer(known.id) }),
    name: text(known.name),
    formula: text(known.formula),
    inputs: text(JSON.stringify(known.inputs)),
    result: real(resultOf(known)),
    status: text(status),
    error: 'null',
    owner: text(known.owner),
    ...(!known.isDeleted && { deletedAt: 'null' }),
  };
}

/** The link to what the formula uses, which comes and goes with the formula. */
export function linkOf(known: KnownCalculation, operation: 'link' | 'unlink'): ExpectedChange[] {
  if (known.formula !== formulas.shared) return [];
  const row: Row = {
    ...(known.id !== undefined && { userCalculationId: integer(known.id) }),
    systemCalculationId: integer(vatRate.id),
  };
  return [{ table: 'user_calculation_uses', operation, [operation === 'link' ? 'after' : 'before']: row }];
}

export function changeOf(before: KnownCalculation, after: KnownCalculation): ExpectedChange[] {
  const operation = before.isDeleted
    ? after.isDeleted
      ? 'update'
      : 'restore'
    : after.isDeleted
      ? 'soft_delete'
      : 'update';
  return [
    { table: before.table, operation, before: rowOf(before), after: rowOf(after) },
    ...(before.formula === after.formula ? [] : [...linkOf(before, 'unlink'), ...linkOf(after, 'link')]),
  ];
}

/** A recalculation marks a row as pending, then gives it its result. */
export function recalculationOf(known: KnownCalculation): ExpectedChange[] {
  const { table } = known;
  const [done, pending] = [rowOf(known), rowOf(known, 'pending')];
  return [
    { table, operation: 'update', before: done, after: pending },
    { table, operation: 'update', before: pending, after: done },
  ];
}
