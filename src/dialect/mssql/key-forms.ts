import { encodeValue } from '../../model/codec';
import { storedValue } from '../../model/trigger-image';
import type { ServerColumn } from '../server-capture';
import { columnType, type TypeTerms } from './column-type';

/** How a collation says that letters of either case are the same to it. */
const ignoresCase = /_CI_/i;
const digits = /^-?\d+(?:\.\d+)?$/;

/**
 * What entries may call a value of a key that an application writes in its own way, the likeliest first. Where case makes
 * no other key, that is what is given, in capitals and in small letters; what else it was called, the row itself and the
 * log of its changes must say.
 */
export function keyForms({ type, collation }: ServerColumn, value: unknown, terms: TypeTerms): unknown[] {
  if (Buffer.isBuffer(value)) return [value.toString('base64')];
  if (typeof value === 'string' && collation !== null && ignoresCase.test(collation)) {
    return [value, value.toUpperCase(), value.toLowerCase()];
  }
  if (type === 'uniqueidentifier') return [typeof value === 'string' ? value.toLowerCase() : value];
  const kind = columnType(type, terms)?.kind;
  const text = String(value);
  if ((kind !== 'decimal' && kind !== 'bigint') || !digits.test(text)) return [value];
  return [encodeValue(kind, storedValue(kind, text))];
}

/** The text of such a key in entries is another one than its canonical form. */
export function isNamedOtherwise({ type }: ServerColumn, terms: TypeTerms): boolean {
  return columnType(type, terms)?.kind === 'real';
}
