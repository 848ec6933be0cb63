/**
 * A value as the table holds it, storage class first: `null`, `integer:5`, `real:0.5`, `text:abc`, `blob:00ff`.
 * As text, two values are the same exactly where they are the same bytes of the same storage class.
 */
export type Stored = string;

/** By column name. A row that somebody expects may name some columns only. */
export type Row = Record<string, Stored>;

/** What the trail says a column's values look like in an entry. */
export type Kind = 'integer' | 'bigint' | 'decimal' | 'real' | 'boolean' | 'text' | 'json' | 'instant' | 'blob';

/** Of a value as a driver gives it when it is asked for 64-bit integers. */
export function storedOf(value: unknown): Stored {
  if (value === null) return 'null';
  if (typeof value === 'bigint') return integer(value);
  if (typeof value === 'number') return real(value);
  if (typeof value === 'string') return text(value);
  if (Buffer.isBuffer(value)) return blob(value);
  throw new Error(`a database has no such value: ${typeof value}`);
}

export const integer = (value: number | bigint): Stored => `integer:${value}`;
export const real = (value: number): Stored => `real:${Object.is(value, -0) ? '-0' : value}`;
export const text = (value: string): Stored => `text:${value}`;
export const blob = (value: Buffer): Stored => `blob:${value.toString('hex')}`;

/**
 * The stored value that an entry's canonical value stands for: the documented encoding, read by this test's own code,
 * because the trail's decoder could share a mistake with its encoder.
 */
export function decode(kind: Kind, value: unknown): Stored {
  if (value === null) return 'null';
  const tagged = (value as { $stored?: { type: string; value: string } }).$stored;
  if (tagged) return tagged.type === 'blob' ? blob(fromBase64(tagged.value)) : `${tagged.type}:${tagged.value}`;
  switch (kind) {
    case 'integer':
      return integer(expectType(value, 'number'));
    case 'bigint':
      return integer(BigInt(expectType(value, 'string')));
    case 'decimal': {
      const digits = expectType(value, 'string');
      return /^-?\d+$/.test(digits) ? integer(BigInt(digits)) : real(Number(digits));
    }
    case 'real':
      return real(expectType(value, 'number'));
    case 'boolean':
      return integer(expectType(value, 'boolean') ? 1 : 0);
    case 'text':
      return text(expectType(value, 'string'));
    case 'json':
      return text(JSON.stringify(value));
    case 'instant':
      return text(expectType(value, 'string').replace('T', ' ').replace('Z', ''));
    case 'blob':
      return blob(fromBase64(expectType(value, 'string')));
  }
}

function fromBase64(value: string): Buffer {
  return Buffer.from(value, 'base64');
}

interface Types {
  number: number;
  string: string;
  boolean: boolean;
}

function expectType<T extends keyof Types>(value: unknown, type: T): Types[T] {
  if (typeof value === type) return value as Types[T];
  throw new Error(`an entry has ${JSON.stringify(value)} where the encoding has a ${type}`);
}
