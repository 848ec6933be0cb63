import type { MathNode } from 'mathjs/number';
import { checkFormula, InvalidFormulaError } from './formula-check';
import { constants, functions, keywords, parse } from './formula-language';

export const maxFormulaLength = 500;

/** Names of inputs and of system calculations: what a formula can spell. */
export const namePattern = '^[A-Za-z][A-Za-z0-9_]{0,49}$';

export interface Formula {
  /** The names that need a value, in order of appearance. */
  readonly names: ReadonlySet<string>;
  /** @throws NoResultError when there is no finite number to answer */
  readonly evaluate: (values: ReadonlyMap<string, number>) => number;
}

/** A good formula that has no result for these values: a division by zero, the root of a negative number. */
export class NoResultError extends Error {}

/** True for a name with a meaning of its own in formulas: an input called `pi` would be ambiguous. */
export function isReserved(name: string): boolean {
  return functions.has(name) || constants.has(name) || keywords.has(name);
}

/** @throws InvalidFormulaError */
export function parseFormula(text: string): Formula {
  if (text.length > maxFormulaLength) {
    throw new InvalidFormulaError(`it has ${text.length} characters, and ${maxFormulaLength} are allowed`);
  }
  const root = parseText(text);
  const names = checkFormula(root);
  const compiled = root.compile();
  return {
    names,
    // A Map, because in an object a name like `constructor` would find what nobody put there.
    evaluate: (values) => finite(attempt(() => compiled.evaluate(new Map(values)) as unknown)),
  };
}

function parseText(text: string): MathNode {
  try {
    return parse(text);
  } catch (error) {
    // Brackets in the hundreds exhaust the stack of the parser: a RangeError, harmless once it is caught.
    throw new InvalidFormulaError(error instanceof SyntaxError ? error.message : 'it is nested too deeply');
  }
}

function attempt(evaluate: () => unknown): unknown {
  try {
    return evaluate();
  } catch (error) {
    throw new NoResultError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

function finite(result: unknown): number {
  if (typeof result !== 'number') throw new NoResultError(`The result is ${String(result)}, not a number.`);
  if (!Number.isFinite(result)) throw new NoResultError(`The result is ${result}, not a finite number.`);
  // -0 reads back from a database as 0: store what will be read.
  return result === 0 ? 0 : result;
}
