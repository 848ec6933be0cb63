import * as mathjs from 'mathjs/number';

/** The functions a formula may call, with the fewest and the most arguments each takes. */
export const functions: ReadonlyMap<string, readonly [min: number, max: number]> = new Map([
  ...arity(1, 1, ['abs', 'sign', 'floor', 'ceil', 'fix', 'sqrt', 'cbrt', 'exp', 'log10', 'log2']),
  ...arity(1, 1, ['sin', 'cos', 'tan', 'asin', 'acos', 'atan']),
  ...arity(2, 2, ['pow', 'mod', 'atan2']),
  ...arity(1, 2, ['round', 'log']),
  ...arity(1, Infinity, ['min', 'max', 'sum', 'mean', 'hypot']),
]);

/** The operators, by the name mathjs gives them; `a % b` is mod, `20%` a division. */
export const operators: ReadonlySet<string> = new Set([
  ...['add', 'subtract', 'multiply', 'divide', 'mod', 'pow', 'unaryMinus', 'unaryPlus'],
  ...['equal', 'unequal', 'smaller', 'smallerEq', 'larger', 'largerEq', 'and', 'or', 'not'],
]);

export const constants: ReadonlySet<string> = new Set(['pi', 'e']);

/** Words that mathjs takes for operators or values, so that nothing else can have that name. */
export const keywords: ReadonlySet<string> = new Set([
  ...['and', 'or', 'not', 'xor', 'mod', 'to', 'in', 'end'],
  ...['true', 'false', 'null', 'undefined', 'NaN', 'Infinity'],
]);

/**
 * mathjs with nothing in it but these functions, on plain numbers: no units, matrices, big numbers or symbolic algebra,
 * of which some take minutes or gigabytes on a short input, and no `import`, `evaluate` or `parse` for a formula to call.
 */
export const { parse } = mathjs.create(dependenciesOf(['parse', ...functions.keys(), ...operators, ...constants]));

function arity(min: number, max: number, names: string[]): [string, readonly [number, number]][] {
  return names.map((name) => [name, [min, max]]);
}

function dependenciesOf(names: string[]): mathjs.FactoryFunctionMap {
  const all = mathjs as unknown as Record<string, mathjs.FactoryFunctionMap>;
  return Object.fromEntries(
    names.map((name) => {
      const dependencies = all[`${name}Dependencies`];
      if (!dependencies) throw new Error(`mathjs/number has no ${name}`);
      return [name, dependencies];
    }),
  );
}
