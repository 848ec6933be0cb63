import { blobCell, decimalCell, integerCell, nullCell, realCell, textCell, type Cell } from '../oracle/cell';
import { addRow, makeRow, type TableState } from '../oracle/snapshot';

/**
 * The statements by which the oracle reads tables of SQL Server, and what becomes of their rows. Values come as the
 * protocol has them, not as texts that the server makes, as triggers do: were that shared with the library, a fault would
 * hide here as well.
 */

/** Tables that are not the application's data: the log's own, the book-keeping of migrations, and the suite's. */
const notApplication =
  /^(audit_(entry|uncounted|context|rollup|meta|migrations)|migrations|typeorm_metadata|truth_log)$/;

const auditTable = /^audit_(entry|uncounted|context|rollup|meta|migrations)$/;

export interface ServerColumn {
  name: string;
  type: string;
  isKey: boolean;
  isIdentity: boolean;
}

export interface ServerTable {
  /** As the log names it: without the schema of tables that name none. */
  name: string;
  /** For statements. */
  path: string;
  columns: ServerColumn[];
}

/** What the DataSource says of times without an offset. */
export interface TimeTerms {
  isUtc: boolean;
  /** The driver took them for times of this machine. */
  isReadAsLocal?: boolean;
}

/** Kinds of columns whose values are other ones than on a database without types, by their names. */
export const serverKinds = { decimal: 'exact decimal' };

export const quote = (name: string): string => `[${name.replaceAll(']', ']]')}]`;

/** A row for each column of each table, in order. */
export const selectTables = `SELECT s.name AS [schema], o.name AS [table], c.name AS name,
  CASE WHEN t.is_user_defined = 1 THEN b.name ELSE t.name END AS type, c.is_identity AS isIdentity,
  (SELECT COUNT(*) FROM sys.indexes x JOIN sys.index_columns k ON k.object_id = x.object_id AND k.index_id = x.index_id
    WHERE x.object_id = o.object_id AND x.is_primary_key = 1 AND k.column_id = c.column_id) AS keys
  FROM sys.tables o JOIN sys.schemas s ON s.schema_id = o.schema_id JOIN sys.columns c ON c.object_id = o.object_id
  JOIN sys.types t ON t.user_type_id = c.user_type_id LEFT JOIN sys.types b ON b.user_type_id = c.system_type_id
  ORDER BY s.name, o.name, c.column_id`;

/** The tables in rows of `selectTables`. @param schema of tables that name none */
export function toTables(rows: readonly Record<string, unknown>[], schema = 'dbo'): ServerTable[] {
  const tables = new Map<string, ServerTable>();
  for (const row of rows) {
    const [own, table] = [String(row['schema']), String(row['table'])];
    const name = own === schema ? table : `${own}.${table}`;
    const found = tables.get(name) ?? { name, path: `${quote(own)}.${quote(table)}`, columns: [] };
    tables.set(name, found);
    found.columns.push({
      name: String(row['name']),
      type: String(row['type']).toLowerCase(),
      isKey: Number(row['keys']) > 0,
      isIdentity: Boolean(row['isIdentity']),
    });
  }
  return [...tables.values()];
}

export function isApplicationTable({ name }: ServerTable): boolean {
  return !notApplication.test(name);
}

export function isAuditTable({ name }: ServerTable): boolean {
  return auditTable.test(name);
}

/** Value `v0` of each column and its offset `o0` in minutes where it has one, and so on. */
export function selectValues(columns: readonly ServerColumn[], source = ''): string {
  return columns
    .map(({ name, type }, place) => {
      const c = `${source}${quote(name)}`;
      // The driver makes floating numbers of decimals, and leaves offsets out.
      if (type in exactly) return `CONVERT(varchar(60), ${exactly[type]!(c)}) AS v${place}`;
      if (type === 'datetimeoffset') return `${c} AS v${place}, DATEPART(tzoffset, ${c}) AS o${place}`;
      if (type === 'sql_variant') return `CONVERT(nvarchar(4000), ${c}) AS v${place}`;
      if (type === 'hierarchyid') return `${c}.ToString() AS v${place}`;
      return `${c} AS v${place}`;
    })
    .join(', ');
}

const exactly: Record<string, (column: string) => string> = {
  decimal: (column) => column,
  numeric: (column) => column,
  money: (column) => `CONVERT(decimal(19, 4), ${column})`,
  smallmoney: (column) => `CONVERT(decimal(10, 4), ${column})`,
};

/** The values of one row of `selectValues`, in the order of its columns. */
export function toCells(row: Record<string, unknown>, columns: readonly ServerColumn[], terms: TimeTerms): Cell[] {
  return columns.map((column, place) => toCell(column, row[`v${place}`], row[`o${place}`], terms));
}

export function emptyTable({ columns }: ServerTable): TableState {
  return {
    columns: columns.map(({ name }) => name),
    key: columns.filter(({ isKey }) => isKey).map(({ name }) => name),
    rows: new Map(),
  };
}

export function addSelected(table: ServerTable, rows: Iterable<Record<string, unknown>>, terms: TimeTerms): TableState {
  const state = emptyTable(table);
  for (const row of rows) {
    const cells = toCells(row, table.columns, terms);
    addRow(state, makeRow(state.columns.map((column, place) => [column, cells[place]!])));
  }
  return state;
}

function toCell({ type }: ServerColumn, value: unknown, offset: unknown, terms: TimeTerms): Cell {
  if (value === null || value === undefined) return nullCell;
  if (type in exactly) return decimalCell(value as string);
  const date =
    value instanceof Date && terms.isReadAsLocal && type !== 'datetimeoffset' ? asWritten(value) : (value as Date);
  switch (type) {
    case 'tinyint':
    case 'smallint':
    case 'int':
    case 'bigint':
      return integerCell(BigInt(value as string));
    case 'bit':
      return integerCell(value ? 1n : 0n);
    case 'float':
    case 'real':
      return realCell(value as number);
    case 'date':
      return utf8(isoOf(date).slice(0, 10));
    case 'time':
      return utf8(timeOf(date));
    case 'datetime2':
    case 'datetime':
    case 'smalldatetime':
      return utf8(momentOf(date, terms.isUtc ? ' ' : 'T'));
    case 'datetimeoffset':
      return utf8(withOffset(date, Number(offset)));
    case 'uniqueidentifier':
      return utf8((value as string).toLowerCase());
    default:
      return Buffer.isBuffer(value) ? blobCell(value) : utf8(value as string);
  }
}

function utf8(text: string): Cell {
  return textCell(Buffer.from(text, 'utf8'));
}

/** With the digits that this machine would show, as if they were of UTC. */
function asWritten(date: Date): Date {
  return withFraction(new Date(date.getTime() - date.getTimezoneOffset() * 60_000), date);
}

function isoOf(date: Date): string {
  return date.toISOString();
}

/** The driver keeps what a Date can't hold beside it, in seconds. */
interface FineDate extends Date {
  nanosecondsDelta?: number;
}

function withFraction(date: Date, from: FineDate): FineDate {
  return Object.assign(date, { nanosecondsDelta: from.nanosecondsDelta ?? 0 });
}

/** Milliseconds, or seven digits where they are not all. */
function fractionOf(date: FineDate): string {
  const beyond = Math.round((date.nanosecondsDelta ?? 0) * 1e7);
  return `${isoOf(date).slice(20, 23)}${beyond === 0 ? '' : String(beyond).padStart(4, '0')}`;
}

function timeOf(date: Date): string {
  const fraction = fractionOf(date);
  return `${isoOf(date).slice(11, 19)}${fraction === '000' ? '' : `.${fraction}`}`;
}

function momentOf(date: Date, between: string): string {
  return `${isoOf(date).slice(0, 10)}${between}${isoOf(date).slice(11, 19)}.${fractionOf(date)}`;
}

function withOffset(date: Date, offset: number): string {
  const local = withFraction(new Date(date.getTime() + offset * 60_000), date);
  const [hours, minutes] = [Math.floor(Math.abs(offset) / 60), Math.abs(offset) % 60];
  const digits = (count: number) => String(count).padStart(2, '0');
  return `${momentOf(local, 'T')}${offset < 0 ? '-' : '+'}${digits(hours)}:${digits(minutes)}`;
}
