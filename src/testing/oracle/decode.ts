import { blobCell, decimalCell, integerCell, nullCell, realCell, textCell, type Cell } from './cell';

/**
 * The stored value that a canonical one stands for, written from the description of the encoding and not from the
 * library's decoder: `null` is NULL; `{ "$stored": { type, value } }` is a value as it was stored; anything else is the
 * canonical form of the column's kind. What is in no such form throws, so that a lenient reading can't pass.
 */
export function decodeCell(kind: string, value: unknown): Cell {
  if (value === null) return nullCell;
  if (isObject(value) && '$stored' in value) return storedCell(value['$stored']);
  const decoder = decoders[kind];
  if (!decoder) throw new Error(`there is no column kind "${kind}"`);
  const cell = decoder(value);
  if (cell === undefined) throw new Error(`${JSON.stringify(value).slice(0, 80)} is no canonical ${kind}`);
  return cell;
}

/** What may be shown of a value that is recorded nowhere: that it is there, and after an update that it is another one. */
export function redactedCell(value: unknown): Cell {
  if (isObject(value) && value['$redacted'] === true) {
    const others = Object.keys(value).filter((name) => name !== '$redacted');
    if (others.length === 0) return redacted;
    if (others.length === 1 && value['changed'] === true) return redactedAnew;
  }
  throw new Error(`${JSON.stringify(value).slice(0, 80)} is no mark of a redacted value`);
}

export const redacted: Cell = 'redacted';
export const redactedAnew: Cell = 'redacted, changed';

const decoders: Record<string, (value: unknown) => Cell | undefined> = {
  integer: (value) => (isWholeNumber(value) ? integerCell(BigInt(value)) : undefined),
  bigint: (value) => (isInt64(value) ? integerCell(BigInt(value)) : undefined),
  decimal: (value) => {
    if (isInt64(value)) return integerCell(BigInt(value));
    return typeof value === 'string' && /^-?\d+(\.\d+)?(e[+-]\d+)?$/.test(value) ? realCell(Number(value)) : undefined;
  },
  // Where decimals are stored as such: never a number of 64 bits, and no zeros that only fill the scale.
  'exact decimal': (value) =>
    typeof value === 'string' && /^(0|-?(0\.\d*[1-9]|[1-9]\d*(\.\d*[1-9])?))$/.test(value)
      ? decimalCell(value)
      : undefined,
  // -0 has no spelling in JSON that survives, so it must come tagged.
  real: (value) => (typeof value === 'number' && !Object.is(value, -0) ? realCell(value) : undefined),
  boolean: (value) => (typeof value === 'boolean' ? integerCell(value ? 1n : 0n) : undefined),
  text: (value) => utf8Cell(value),
  json: (value) => utf8Cell(JSON.stringify(value)),
  instant: (value) => {
    const match = typeof value === 'string' ? /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d(?:\.\d+)?)Z$/.exec(value) : null;
    return match ? utf8Cell(`${match[1]} ${match[2]}`) : undefined;
  },
  blob: (value) => (isBase64(value) ? blobCell(Buffer.from(value, 'base64')) : undefined),
  any: (value) => {
    if (isWholeNumber(value)) return integerCell(BigInt(value));
    return typeof value === 'number' ? realCell(value) : utf8Cell(value);
  },
};

function storedCell(stored: unknown): Cell {
  if (!isObject(stored)) throw new Error('$stored must be an object');
  const { type, value, encoding } = stored;
  if (typeof value !== 'string') throw new Error('a stored value is written as a string');
  if (type === 'integer' && isInt64(value)) return integerCell(BigInt(value));
  if (type === 'real' && (value === 'Infinity' || value === '-Infinity' || Number.isFinite(Number(value)))) {
    return realCell(Number(value));
  }
  if (type === 'text' && encoding === undefined) return textCell(Buffer.from(value, 'utf8'));
  // Text that is not UTF-8 has no JSON string; its bytes are written as a blob's are.
  if (type === 'text' && encoding === 'base64' && isBase64(value)) return textCell(Buffer.from(value, 'base64'));
  if (type === 'blob' && isBase64(value)) return blobCell(Buffer.from(value, 'base64'));
  throw new Error(`${JSON.stringify(stored).slice(0, 80)} is no stored value`);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isWholeNumber(value: unknown): value is number {
  return Number.isSafeInteger(value) && !Object.is(value, -0);
}

function isInt64(value: unknown): value is string {
  return (
    typeof value === 'string' && /^(0|-?[1-9]\d*)$/.test(value) && BigInt.asIntN(64, BigInt(value)) === BigInt(value)
  );
}

function isBase64(value: unknown): value is string {
  return typeof value === 'string' && Buffer.from(value, 'base64').toString('base64') === value;
}

function utf8Cell(value: unknown): Cell | undefined {
  return typeof value === 'string' ? textCell(Buffer.from(value, 'utf8')) : undefined;
}
