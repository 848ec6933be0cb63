import { decodeValue } from '../../model/codec';
import { decimalDigits } from '../../model/decimal-digits';
import { ExactDecimal, type StoredValue } from '../../model/stored-value';
import type { LiveServerColumn } from '../server-capture';

/** Date, time and zone, the time with or without seconds; the zone is UTC where it is not said. */
const instant = /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d)(?::(\d\d)(\.\d+)?)? ?(Z|[+-]\d\d:\d\d)?$/;
const finerThanMilliseconds = /\.\d{4,}/;
const clock = /^(\d\d:\d\d)(?::(\d\d)(\.\d+)?)?$/;

/** What kinds of databases write otherwise. */
type Form = 'instant' | 'time' | 'uuid' | 'decimal' | 'real' | 'as stored';

const forms: Readonly<Record<string, Form>> = {
  datetime2: 'instant',
  datetime: 'instant',
  smalldatetime: 'instant',
  datetimeoffset: 'instant',
  time: 'time',
  uniqueidentifier: 'uuid',
  decimal: 'decimal',
  numeric: 'decimal',
  money: 'decimal',
  smallmoney: 'decimal',
  float: 'real',
  real: 'real',
};

function formOf(type: string): Form {
  return forms[type.toLowerCase()] ?? 'as stored';
}

/**
 * A value as a column of this type says it, whichever database it was read from: two that have the same normal form are
 * read as the same by TypeORM.
 * - instants: `2026-01-31 12:00:00.123`, UTC, without zeros at the end of the fraction; times alike
 * - decimals: their digits, as text · floats: a number · `uniqueidentifier`: in small letters
 * - everything else: as stored
 */
export function normal({ type }: Pick<LiveServerColumn, 'type'>, value: StoredValue): StoredValue {
  if (value === null) return null;
  switch (formOf(type)) {
    case 'instant':
      return typeof value === 'string' ? normalInstant(value) : value;
    case 'time':
      return typeof value === 'string' ? normalTime(value) : value;
    case 'uuid':
      return typeof value === 'string' ? value.toLowerCase() : value;
    case 'decimal':
      return Buffer.isBuffer(value) ? value : digitsOf(value);
    case 'real':
      return typeof value === 'bigint' ? Number(value) : value;
    case 'as stored':
      return value;
  }
}

/**
 * What a database that takes any value has for a value in normal form, as TypeORM writes it there. An instant beyond
 * milliseconds says its zone, without which TypeORM would not take it for UTC.
 */
export function plain({ type }: Pick<LiveServerColumn, 'type'>, value: StoredValue): StoredValue {
  switch (formOf(type)) {
    case 'instant': {
      if (typeof value !== 'string') return value;
      const [start, fraction = ''] = value.split('.');
      return fraction.length > 3 ? `${start}.${fraction}Z` : `${start}.${fraction.padEnd(3, '0')}`;
    }
    case 'time':
      return typeof value === 'string' ? value.replace(/\.\d{1,2}$/, (fraction) => fraction.padEnd(4, '0')) : value;
    case 'decimal':
      return decodeValue('decimal', value);
    default:
      return value;
  }
}

/**
 * Whether entries of both kinds of databases call a row the same that has a value of this type in its key; undefined
 * where they always do.
 * @returns a test of the value as the database has it that takes any
 */
export function namedAlike(column: Pick<LiveServerColumn, 'type'>): ((stored: StoredValue) => boolean) | undefined {
  const form = formOf(column.type);
  if (form === 'as stored' || form === 'decimal') return undefined;
  if (form === 'real' || column.type.toLowerCase() === 'datetimeoffset') return () => false;
  return (stored) => {
    const isFine = typeof stored === 'string' && finerThanMilliseconds.test(stored);
    return !isFine && stored === plain(column, normal(column, stored));
  };
}

function normalInstant(text: string): string {
  const match = instant.exec(text);
  if (!match) return text;
  const [, date, minutes, seconds = '00', fraction, zone = 'Z'] = match;
  const start = `${date} ${minutes}:${seconds}`;
  const isUtc = zone === 'Z' || zone.slice(1) === '00:00';
  // The fraction is the same in every zone, and may have more digits than a Date.
  const utc = isUtc
    ? start
    : new Date(`${start.replace(' ', 'T')}${zone}`).toISOString().slice(0, 19).replace('T', ' ');
  return utc + shortFraction(fraction);
}

function normalTime(text: string): string {
  const match = clock.exec(text);
  return match ? `${match[1]}:${match[2] ?? '00'}${shortFraction(match[3])}` : text;
}

function shortFraction(fraction: string | undefined): string {
  return (fraction ?? '').replace(/\.?0+$/, '');
}

/** Without an exponent, and without zeros that say nothing. */
function digitsOf(value: Exclude<StoredValue, null | Buffer>): string {
  if (value instanceof ExactDecimal) return value.digits;
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'object') return value.bytes.toString();
  const text = typeof value === 'number' ? decimalDigits(value.toString()) : value;
  const short = text.includes('.') ? text.replace(/\.?0+$/, '') : text;
  return short === '-0' ? '0' : short;
}
