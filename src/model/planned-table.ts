import { decimalDigits } from './decimal-digits';
import { InvalidText, type StoredValue } from './stored-value';
import type { ColumnKind } from './table-map';
import { uuid } from './uuid';

/** What limits the values of a column. */
export interface ColumnMeasures {
  /** Most characters of a text, or bytes. */
  length?: number;
  /** Most digits of a decimal, and those of them behind the point. */
  digits?: { precision: number; scale: number };
  /** Most digits of a second's fraction. */
  fraction?: number;
}

/** A column as the entities would have it in another database. */
export interface PlannedColumn extends ColumnMeasures {
  name: string;
  /** Its type there. */
  type: string;
  kind: ColumnKind;
  isNullable: boolean;
  /** The database makes its values. */
  isComputed: boolean;
}

export interface PlannedTable {
  table: string;
  columns: PlannedColumn[];
  /** Columns of the primary key first, then those of each unique constraint and index. */
  uniques: string[][];
}

const instant = /^\d{4}-\d\d-\d\d[ T]\d\d:\d\d(?::(\d\d)(?:\.(\d{1,7}))?)?Z?$/;
/** What TypeORM takes for UTC; any other is of the time zone of whoever reads it. */
const inUtc = /(?:Z|:\d\d(?:\.\d{3})?)$/;
const day = /^\d{4}-\d\d-\d\d$/;
const clock = /^\d\d:\d\d(?::\d\d(?:\.(\d{1,7}))?)?$/;
const decimal = /^[+-]?\d+(?:\.\d+)?$/;
/** The first year of each type of dates. */
const firstYear: Readonly<Record<string, number>> = { datetime: 1753, smalldatetime: 1900 };
const ranges: Readonly<Record<string, readonly [bigint, bigint]>> = {
  tinyint: [0n, 255n],
  smallint: [-(2n ** 15n), 2n ** 15n - 1n],
  int: [-(2n ** 31n), 2n ** 31n - 1n],
};

/** Why a value can't be put into a column as it is; undefined where it can. */
export function misfit(column: PlannedColumn, value: StoredValue): string | undefined {
  if (value === null) return column.isNullable ? undefined : 'no value where one must be';
  if (value instanceof InvalidText) return 'text that is no valid UTF-8';
  switch (column.kind) {
    case 'integer':
    case 'bigint':
      return misfitOfInteger(column, value);
    case 'boolean':
      return value === 0n || value === 1n ? undefined : 'neither 0 nor 1';
    case 'real':
      return misfitOfReal(column, value);
    case 'decimal':
      return misfitOfDecimal(column, value);
    case 'instant':
      return misfitOfDate(column, value, instant) ?? misfitOfFraction(column, value as string);
    case 'blob':
      if (!Buffer.isBuffer(value)) return 'no binary value';
      return isLonger(column, value.length) ? `longer than ${column.length} bytes` : undefined;
    default:
      if (Buffer.isBuffer(value)) return 'a binary value';
      return typeof value === 'string' ? misfitOfText(column, value) : 'a number';
  }
}

function misfitOfText(column: PlannedColumn, text: string): string | undefined {
  const { type, length, fraction = 7 } = column;
  if (type === 'date') return misfitOfDate(column, text, day);
  if (type === 'datetimeoffset') return misfitOfDate(column, text, instant) ?? misfitOfFraction(column, text);
  if (type === 'uniqueidentifier') return uuid.test(text) ? undefined : 'no uuid';
  if (type === 'time') {
    const digits = clock.exec(text)?.[1] ?? '';
    if (!clock.test(text)) return 'a time that does not parse';
    return significant(digits) > fraction ? `a fraction of a second with more than ${fraction} digits` : undefined;
  }
  if (isLonger(column, text.length)) return `longer than ${length} characters`;
  const isFilledUp = (type === 'char' || type === 'nchar') && length !== undefined && text.length < length;
  return isFilledUp ? `shorter than ${length} characters, which would be filled up with blanks` : undefined;
}

function misfitOfReal({ type }: PlannedColumn, value: StoredValue): string | undefined {
  if (typeof value !== 'bigint' && !(typeof value === 'number' && Number.isFinite(value))) return 'no number';
  const number = Number(value);
  const isKept = typeof value === 'number' || BigInt(number) === value;
  return isKept && (type !== 'real' || Math.fround(number) === number) ? undefined : `a number that ${type} rounds`;
}

function misfitOfDecimal({ digits }: PlannedColumn, value: StoredValue): string | undefined {
  const text = typeof value === 'bigint' || typeof value === 'number' ? decimalDigits(value.toString()) : value;
  if (!isText(text, decimal)) return 'no number';
  if (!digits) return undefined;
  const { precision, scale } = digits;
  const [whole = '', rest = ''] = text.replace(/^[+-]?0*/, '').split('.');
  if (whole.length > precision - scale) return `a number with more than ${precision - scale} digits before the point`;
  return significant(rest) > scale ? `a number with more than ${scale} digits behind the point` : undefined;
}

/** Digits that are not zeros at the end. */
function significant(digits: string): number {
  return digits.replace(/0+$/, '').length;
}

function misfitOfFraction({ type, fraction = 7 }: PlannedColumn, text: string): string | undefined {
  if (!inUtc.test(text)) return 'a date that TypeORM takes for one of the local time zone';
  const [, seconds = '', digits = ''] = instant.exec(text)!;
  if (type === 'smalldatetime') {
    return significant(seconds + digits) > 0 ? 'seconds, which smalldatetime rounds' : undefined;
  }
  if (type === 'datetime') {
    // It counts in 1/300 of a second, and says them with three digits.
    return /^\d\d[037]0*$/.test(digits.padEnd(3, '0')) ? undefined : 'a fraction of a second that datetime rounds';
  }
  return significant(digits) > fraction ? `a fraction of a second with more than ${fraction} digits` : undefined;
}

function misfitOfInteger({ type }: PlannedColumn, value: StoredValue): string | undefined {
  if (typeof value !== 'bigint') return 'no whole number';
  const [least, most] = ranges[type] ?? [value, value];
  return value < least || value > most ? `beyond the range of ${type}` : undefined;
}

function misfitOfDate({ type }: PlannedColumn, value: StoredValue, form: RegExp): string | undefined {
  if (!isText(value, form)) return 'a date that does not parse';
  const text = value;
  const [year, month, date] = text.slice(0, 10).split('-').map(Number) as [number, number, number];
  const parsed = new Date(Date.UTC(year, month - 1, date));
  const isThere = parsed.getUTCMonth() === month - 1 && parsed.getUTCDate() === date;
  if (!isThere || (text.length > 10 && Number.isNaN(Date.parse(`1970-01-01T${text.slice(11).replace(/Z$/, '')}Z`)))) {
    return 'a date that does not parse';
  }
  return year < (firstYear[type] ?? 1) ? `a date before the first of ${type}` : undefined;
}

function isText(value: StoredValue, form: RegExp): value is string {
  return typeof value === 'string' && form.test(value);
}

function isLonger({ length }: PlannedColumn, actual: number): boolean {
  return length !== undefined && actual > length;
}

/** What a collation takes for equal. Blanks at the end never count. */
export interface Collation {
  ignoresCase: boolean;
  ignoresAccents: boolean;
}

/** One text for all keys that a unique index takes for the same, null included. */
export function collatedKey(values: readonly StoredValue[], { ignoresCase, ignoresAccents }: Collation): string {
  return JSON.stringify(
    values.map((value) => {
      if (typeof value === 'bigint') return `${value}`;
      if (Buffer.isBuffer(value)) return value.toString('hex');
      if (typeof value !== 'string') return value;
      let text = value.replace(/ +$/, '');
      if (ignoresAccents) text = text.normalize('NFD').replace(/\p{Mn}/gu, '');
      return ignoresCase ? text.toUpperCase().toLowerCase() : text;
    }),
  );
}
