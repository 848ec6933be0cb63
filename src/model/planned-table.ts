import { ExactDecimal, InvalidText, type StoredValue } from './stored-value';
import type { ColumnKind } from './table-map';

/** A column as the entities would have it in another database. */
export interface PlannedColumn {
  name: string;
  /** Its type there. */
  type: string;
  kind: ColumnKind;
  /** Most characters of a text, or bytes. */
  length?: number;
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

const instant = /^\d{4}-\d\d-\d\d[ T]\d\d:\d\d(?::\d\d(?:\.\d{1,7})?)?Z?$/;
const day = /^\d{4}-\d\d-\d\d(?:[ T].*)?$/;
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
      return typeof value === 'bigint' || (typeof value === 'number' && Number.isFinite(value))
        ? undefined
        : 'no number';
    case 'decimal':
      return typeof value === 'bigint' || (typeof value === 'number' ? Number.isFinite(value) : isText(value, decimal))
        ? undefined
        : 'no number';
    case 'instant':
      return misfitOfDate(column, value, instant);
    case 'blob':
      if (!Buffer.isBuffer(value)) return 'no binary value';
      return isLonger(column, value.length) ? `longer than ${column.length} bytes` : undefined;
    default:
      if (Buffer.isBuffer(value)) return 'a binary value';
      if (column.type === 'date') return misfitOfDate(column, value, day);
      return isLonger(column, (value instanceof ExactDecimal ? value.digits : String(value)).length)
        ? `longer than ${column.length} characters`
        : undefined;
  }
}

function misfitOfInteger({ type }: PlannedColumn, value: StoredValue): string | undefined {
  if (typeof value !== 'bigint') return 'no whole number';
  const [least, most] = ranges[type] ?? [value, value];
  return value < least || value > most ? `beyond the range of ${type}` : undefined;
}

function misfitOfDate({ type }: PlannedColumn, value: StoredValue, form: RegExp): string | undefined {
  if (!isText(value, form)) return 'a date that does not parse';
  const text = value as string;
  const [year, month, date] = text.slice(0, 10).split('-').map(Number) as [number, number, number];
  const parsed = new Date(Date.UTC(year, month - 1, date));
  const isThere = parsed.getUTCMonth() === month - 1 && parsed.getUTCDate() === date;
  if (!isThere || (text.length > 10 && Number.isNaN(Date.parse(`1970-01-01T${text.slice(11).replace(/Z$/, '')}Z`)))) {
    return 'a date that does not parse';
  }
  return year < (firstYear[type] ?? 1) ? `a date before the first of ${type}` : undefined;
}

function isText(value: StoredValue, form: RegExp): boolean {
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
