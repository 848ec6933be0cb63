import { describe, expect, it } from 'vitest';
import { isReserved, maxFormulaLength, NoResultError, parseFormula } from '../../examples/calculations/formula';
import { InvalidFormulaError } from '../../examples/calculations/formula-check';

function evaluate(text: string, values: Record<string, number> = {}): number {
  return parseFormula(text).evaluate(new Map(Object.entries(values)));
}

describe('formulas that are good', () => {
  it.each<[string, Record<string, number>, number]>([
    ['1 + 2 * 3', {}, 7],
    ['-a ^ 2', { a: 3 }, -9],
    ['2 ^ 3 ^ 2', {}, 512],
    ['a % b', { a: 7, b: 4 }, 3],
    ['mod(a, b)', { a: 7, b: 4 }, 3],
    ['20%', {}, 0.2],
    ['2 a', { a: 4 }, 8],
    ['net * (1 + vat_rate)', { net: 100, vat_rate: 0.2 }, 120],
    ['a > b ? a : b', { a: 1, b: 2 }, 2],
    ['(a > b or not (a == b)) * 5', { a: 1, b: 2 }, 5],
    ['1 < a < 3 ? 10 : 20', { a: 2 }, 10],
    ['round(2 / 3, 2)', {}, 0.67],
    ['round(2.5)', {}, 3],
    ['min(a, 2, 1.5) + max(a) + sum(1, 2, 3) + mean(2, 4)', { a: 9 }, 1.5 + 9 + 6 + 3],
    ['sqrt(hypot(3, 4) * 5)', {}, 5],
    ['log(8, 2) + log10(100) + log2(2) + log(e)', {}, 3 + 2 + 1 + 1],
    ['cos(pi)', {}, -1],
    ['1e3 + .5 + 0x10', {}, 1016.5],
    ['0.1 + 0.2', {}, 0.1 + 0.2],
  ])('%s', (text, values, result) => {
    expect(evaluate(text, values)).toBeCloseTo(result, 12);
  });

  it('names what needs a value, once each, in order, and neither functions nor constants', () => {
    expect([...parseFormula('b + a * max(b, c) + pi').names]).toEqual(['b', 'a', 'c']);
  });

  it('never answers negative zero, which a database would read back as zero', () => {
    expect(Object.is(evaluate('a * -1', { a: 0 }), 0)).toBe(true);
  });

  it('takes a formula of the greatest length', () => {
    const text = `1${' '.repeat(maxFormulaLength - 1)}`;
    expect(evaluate(text)).toBe(1);
    expect(() => parseFormula(`${text} `)).toThrow(/501 characters/);
  });
});

describe('formulas that are refused', () => {
  it.each([
    // rubbish
    ...['', ' ', '#', '1 +', '* 2', '(1', '1)', '1..2', 'a b c (', '@', '1 2 3', '\u0000', '💥', '"', "'", '1;', '\\'],
    // values that are no numbers
    ...['"abc"', "'abc'", 'true', 'null', 'undefined', '[1, 2]', '{a: 1}', '1:3', 'min([1, 2])', '"a" + 1'],
    // more than one expression, and what changes something
    ...['1; 2', '1\n2', 'a = 1', 'f(x) = x', 'a.b = 1', 'a[1] = 2', '(a = 2) + 1'],
    // ways out of arithmetic
    ...['a.constructor', 'a["constructor"]', 'constructor.constructor("return process")()', '(1).constructor'],
    ...['cos.constructor("return 1")()', 'sqrt["call"](1)', '"".constructor.constructor("return 1")()'],
    ...['import({a: 1})', 'createUnit("foo")', 'evaluate("1")', 'parse("1")', 'compile("1")', 'parser()', 'chain(1)'],
    ...['simplify("x")', 'derivative("x^2", "x")', 'help(sin)', 'typed("x", 1)', 'config({})', 'print("$a", a)'],
    ...['constructor(1)', '__proto__(1)', 'toString()', 'hasOwnProperty("a")', 'require("fs")', 'process.exit()'],
    // functions left out because a short input can take forever or all memory, or is not repeatable
    ...['100!', 'factorial(170)', 'range(1, 1e9)', 'ones(1e5, 1e5)', 'random()', 'combinations(1e9, 5e8)'],
    // operators left out
    ...['a | b', 'a & b', 'a << 2', '~a', "a'", 'a xor b', '2 cm to inch', 'a ?? 1', 'a .* b'],
    // calls with too few or too many arguments, and functions as values
    ...[
      'min()',
      'sqrt()',
      'sqrt(1, 2)',
      'round(1, 2, 3)',
      'mod(1)',
      'sqrt',
      'min + 1',
      'a ? sqrt : 1',
      'pi(2)',
      'a(2)',
    ],
  ])('%j', (text) => {
    expect(() => parseFormula(text)).toThrow(InvalidFormulaError);
  });

  it.each<[string, string]>([
    ['brackets', `${'('.repeat(249)}1${')'.repeat(249)}`],
    ['unclosed brackets', '('.repeat(500)],
    ['matrices', '['.repeat(500)],
    ['functions', `${'sqrt('.repeat(80)}1${')'.repeat(80)}`],
    ['signs', `${'-'.repeat(499)}1`],
    ['powers', `${'9^'.repeat(249)}9`],
    ['conditions', `${'1?'.repeat(100)}1${':1'.repeat(100)}`],
    ['sums', `${'1+'.repeat(249)}1`],
    ['negations', `${'not '.repeat(120)}1`],
  ])('hundreds of %s, at once', (_what, text) => {
    const start = performance.now();
    expect(() => parseFormula(text)).toThrow(InvalidFormulaError);
    expect(performance.now() - start).toBeLessThan(250);
  });

  it('says what is wrong and what is right', () => {
    const refusal = (): unknown => parseFormula('sin(a) + foo(1)');
    expect(refusal).toThrow('The formula can\'t be used: there is no function "foo".');
    expect(refusal).toThrow(expect.objectContaining({ statusCode: 422, code: 'INVALID_FORMULA' }) as Error);
  });
});

describe('formulas without a result', () => {
  it.each<[string, RegExp]>([
    ['1 / 0', /Infinity, not a finite number/],
    ['0 / 0', /NaN, not a finite number/],
    ['9 ^ 9 ^ 9 ^ 9', /Infinity/],
    ['10 ^ 1e300', /Infinity/],
    ['1e999', /Infinity/],
    ['sqrt(-1)', /NaN/],
    ['log(0)', /Infinity/],
    ['1 > 0', /true, not a number/],
    ['round(1, 99)', /decimals/],
  ])('%s', (text, reason) => {
    const formula = parseFormula(text);
    expect(() => formula.evaluate(new Map())).toThrow(NoResultError);
    expect(() => formula.evaluate(new Map())).toThrow(reason);
  });

  it.each(['constructor', 'toString', 'hasOwnProperty', 'valueOf', 'create', 'expression', 'typed'])(
    'a name that JavaScript or mathjs knows and nobody gave a value: %s',
    (name) => {
      const formula = parseFormula(`${name} + 1`);
      expect([...formula.names]).toEqual([name]);
      expect(() => formula.evaluate(new Map())).toThrow(NoResultError);
      expect(formula.evaluate(new Map([[name, 1]]))).toBe(2);
    },
  );
});

it('reserves the names that mean something in formulas', () => {
  for (const name of ['pi', 'e', 'sqrt', 'min', 'and', 'mod', 'true', 'Infinity']) expect(isReserved(name)).toBe(true);
  for (const name of ['net', 'vat_rate', 'a', 'constructor']) expect(isReserved(name)).toBe(false);
});
