import { ExactDecimal, InvalidText, type StorageClass, type StoredValue } from './stored-value';
import type { ColumnKind } from './table-map';

/**
 * The canonical form of a value: JSON that means the same on every dialect.
 *
 * The rule that makes images exact: a value takes the canonical form of its column's kind only if decoding that form
 * gives the stored value back, byte for byte and storage class for storage class. Anything else is kept tagged.
 */
export interface TaggedValue {
  /** Text of a number, the text, or base64 of a blob; `encoding` is there for text that is no valid UTF-8. */
  $stored: { type: StorageClass; value: string; encoding?: 'base64' };
}

/** Stands for a redacted value; `changed` is there on the after image of an update that changed it. */
export interface RedactedValue {
  $redacted: true;
  changed?: true;
}

/** Stands for a recorded value that was not revealed to this reader. */
export interface MaskedValue {
  $masked: true;
}

interface Codec {
  /** Canonical form, or undefined where the kind has none for this value. */
  encode(value: Exclude<StoredValue, null>): unknown;
  /** The stored value that a canonical form stands for, or undefined where it is not one of this kind. */
  decode(json: unknown): Exclude<StoredValue, null> | undefined;
}

const integerPattern = /^(0|-?[1-9]\d{0,18})$/;
const minInt64 = -(2n ** 63n);
const maxInt64 = 2n ** 63n - 1n;
const instantStored = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d(?:\.\d+)?)$/;
const instantCanonical = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d(?:\.\d+)?)Z$/;

function isSafe(value: bigint): boolean {
  return value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER);
}

function parseInt64(text: string): bigint | undefined {
  if (!integerPattern.test(text)) return undefined;
  const value = BigInt(text);
  return value >= minInt64 && value <= maxInt64 ? value : undefined;
}

const integer: Codec = {
  encode: (value) => (typeof value === 'bigint' && isSafe(value) ? Number(value) : undefined),
  decode: (json) => (Number.isSafeInteger(json) && !Object.is(json, -0) ? BigInt(json as number) : undefined),
};

const bigint: Codec = {
  encode: (value) => (typeof value === 'bigint' ? value.toString() : undefined),
  decode: (json) => (typeof json === 'string' ? parseInt64(json) : undefined),
};

const exactDecimal = /^-?(?:0|[1-9]\d*)(?:\.\d*[1-9])?$/;

/**
 * Numbers as strings; a string that reads as a 64-bit integer stands for one, one that a double has exactly for a real,
 * any other for its digits.
 */
const decimal: Codec = {
  encode: (value) => {
    if (value instanceof ExactDecimal) return value.digits;
    return typeof value === 'bigint' || typeof value === 'number' ? value.toString() : undefined;
  },
  decode: (json) => {
    if (typeof json !== 'string') return undefined;
    const whole = parseInt64(json);
    if (whole !== undefined) return whole;
    const real = Number(json);
    if (Number.isFinite(real) && real.toString() === json) return real;
    return exactDecimal.test(json) ? new ExactDecimal(json) : undefined;
  },
};

const real: Codec = {
  encode: (value) => (typeof value === 'number' && Number.isFinite(value) ? value : undefined),
  decode: (json) => (typeof json === 'number' ? json : undefined),
};

const boolean: Codec = {
  encode: (value) => (value === 1n ? true : value === 0n ? false : undefined),
  decode: (json) => (json === true ? 1n : json === false ? 0n : undefined),
};

const text: Codec = {
  encode: (value) => (typeof value === 'string' ? value : undefined),
  decode: (json) => (typeof json === 'string' ? json : undefined),
};

const json: Codec = {
  encode: (value) => {
    if (typeof value !== 'string') return undefined;
    try {
      return JSON.parse(value) as unknown;
    } catch {
      return undefined; // not JSON: kept tagged, as the text it is
    }
  },
  decode: (value) => {
    try {
      return value === null ? undefined : JSON.stringify(value);
    } catch {
      return undefined; // nested so deep that it can be read and not written: kept tagged as well
    }
  },
};

const instant: Codec = {
  encode: (value) => {
    const match = typeof value === 'string' ? instantStored.exec(value) : null;
    return match ? `${match[1]}T${match[2]}Z` : undefined;
  },
  decode: (value) => {
    const match = typeof value === 'string' ? instantCanonical.exec(value) : null;
    return match ? `${match[1]} ${match[2]}` : undefined;
  },
};

const blob: Codec = {
  encode: (value) => (Buffer.isBuffer(value) ? value.toString('base64') : undefined),
  decode: (value) => (typeof value === 'string' ? Buffer.from(value, 'base64') : undefined),
};

/** Nothing is declared, so the JSON type alone says the storage class. */
const any: Codec = {
  encode: (value) => {
    if (typeof value === 'bigint') return integer.encode(value);
    return typeof value === 'string' || (typeof value === 'number' && Number.isFinite(value)) ? value : undefined;
  },
  decode: (value) => {
    if (typeof value === 'string') return value;
    return typeof value !== 'number' ? undefined : Number.isInteger(value) ? integer.decode(value) : value;
  },
};

const codecs: Record<ColumnKind, Codec> = { integer, bigint, decimal, real, boolean, text, json, instant, blob, any };

/** True where both are the same bytes of the same storage class: -0 is not 0, 1 is not 1.0. */
export function sameStored(a: StoredValue, b: StoredValue): boolean {
  if (Buffer.isBuffer(a)) return Buffer.isBuffer(b) && a.equals(b);
  if (a instanceof InvalidText) return b instanceof InvalidText && a.bytes.equals(b.bytes);
  if (a instanceof ExactDecimal) return b instanceof ExactDecimal && a.digits === b.digits;
  return Object.is(a, b);
}

function isTagged(value: unknown): value is TaggedValue {
  return typeof value === 'object' && value !== null && '$stored' in value && Object.keys(value).length === 1;
}

/** `encodeValue('integer', 7n)` is 7; `encodeValue('integer', 'x')` is `{ $stored: { type: 'text', value: 'x' } }`. */
export function encodeValue(kind: ColumnKind, value: StoredValue): unknown {
  if (value === null) return null;
  const codec = codecs[kind];
  const encoded = codec.encode(value);
  if (encoded === undefined || encoded === null || startsLikeMark(encoded)) return tag(value);
  // A number or a string goes through JSON unchanged, except for -0; the rest is what decode() must give back.
  if (Object.is(encoded, -0)) return tag(value);
  const decoded = codec.decode(encoded);
  return decoded !== undefined && sameStored(decoded, value) ? encoded : tag(value);
}

/** JSON content that could be taken for one of our own marks is kept as tagged text. */
function startsLikeMark(encoded: unknown): boolean {
  return typeof encoded === 'object' && encoded !== null && Object.keys(encoded).some((key) => key.startsWith('$'));
}

/**
 * The stored value behind a canonical one.
 * @throws RangeError where `json` is no form that `encodeValue` makes for this kind (a redacted value among them).
 */
export function decodeValue(kind: ColumnKind, json: unknown): StoredValue {
  if (json === null) return null;
  if (isTagged(json)) return untag(json);
  const decoded = codecs[kind].decode(json);
  if (decoded === undefined) throw new RangeError(`not a canonical ${kind} value: ${JSON.stringify(json)}`);
  return decoded;
}

function tag(value: Exclude<StoredValue, null>): TaggedValue {
  if (typeof value === 'bigint') return { $stored: { type: 'integer', value: value.toString() } };
  if (typeof value === 'number') {
    return { $stored: { type: 'real', value: Object.is(value, -0) ? '-0' : value.toString() } };
  }
  if (typeof value === 'string') return { $stored: { type: 'text', value } };
  if (value instanceof ExactDecimal) return { $stored: { type: 'text', value: value.digits } };
  if (value instanceof InvalidText) {
    return { $stored: { type: 'text', value: value.bytes.toString('base64'), encoding: 'base64' } };
  }
  return { $stored: { type: 'blob', value: value.toString('base64') } };
}

function untag({ $stored: { type, value, encoding } }: TaggedValue): StoredValue {
  switch (type) {
    case 'integer':
      return BigInt(value);
    case 'real':
      return Number(value);
    case 'text':
      return encoding ? new InvalidText(Buffer.from(value, encoding)) : value;
    case 'blob':
      return Buffer.from(value, 'base64');
  }
}
