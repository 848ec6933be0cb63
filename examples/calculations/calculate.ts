import type { Calculation } from './entities/calculation';
import { NoResultError, parseFormula } from './formula';
import { InvalidFormulaError } from './formula-check';

export type Outcome = Pick<Calculation, 'status' | 'result' | 'error'>;

/** Evaluates a calculation. That there is no result is an outcome like another, to be stored with its reason. */
export function calculate(calculation: Calculation): Outcome {
  try {
    const { names, evaluate } = parseFormula(calculation.formula);
    const values = calculation.values();
    const missing = [...names].filter((name) => !values.has(name));
    if (missing.length > 0) return failed(`There is no value for ${missing.join(', ')}.`);
    return { status: 'done', result: evaluate(values), error: null };
  } catch (error) {
    // New formulas are checked before they are stored; an old one may be from before a rule was made.
    if (error instanceof NoResultError || error instanceof InvalidFormulaError) return failed(error.message);
    throw error;
  }
}

function failed(reason: string): Outcome {
  return { status: 'failed', result: null, error: reason.slice(0, 500) };
}
