function pick<T>(pool: readonly T[], value: number): T {
  return pool[value % pool.length]!;
}

/** Equal to each other under NOCASE, two by two: unique columns reject some, updates change only the case of others. */
const words = ['ann', 'ANN', 'bob', 'Bob', '', 'ärger', 'ÄRGER', "o'neil"];
export const wordOf = (value: number): string => pick(words, value);

const texts = [
  'plain',
  'PLAIN',
  '',
  'two\nlines',
  'nul\0byte',
  '😀 ünï',
  '{"$stored":1}',
  'null',
  '7',
  'x'.repeat(3000),
];
export const textOf = (value: number): string => pick(texts, value);

const integers = [0, 1, -1, 7, 2 ** 31, -(2 ** 31), Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER, null];
export const integerOf = (value: number): number | null => pick(integers, value);

const reals = [0, -0, 1, 1.5, 0.1, 1e300, -5e-324, 2 ** 60, Number.MAX_VALUE, null];
export const realOf = (value: number): number | null => pick(reals, value);

const bigs = ['9223372036854775807', '-9223372036854775808', '9007199254740993', '1', '0', null];
export const bigOf = (value: number): string | null => pick(bigs, value);

const jsons = [
  { a: 1, b: 2 },
  { b: 2, a: 1 },
  [],
  {},
  'text',
  0,
  false,
  { n: 1e21 },
  { $stored: 'x' },
  [null, [1.5]],
  null,
];
export const jsonOf = (value: number): unknown => pick(jsons, value);

const blobs = [Buffer.alloc(0), Buffer.from([0]), Buffer.from('00ff0a', 'hex'), Buffer.from('text'), null];
export const blobOf = (value: number): Buffer | null => pick(blobs, value);

/** SQL literals of every storage class: what only raw SQL puts into a column of another type. */
const literals = [
  '-0.0',
  '1.0',
  '1',
  '9223372036854775807',
  '-9223372036854775808',
  '9007199254740993',
  `'seven'`,
  `'7'`,
  `'1.0'`,
  `''`,
  `x'00ff'`,
  `x''`,
  '9e999',
  '-9e999',
  '0.1',
  '1e15',
  'NULL',
  `'ABC'`,
  `x'313233'`,
  '18446744073709551616',
];
export const literalOf = (value: number): string => pick(literals, value);
