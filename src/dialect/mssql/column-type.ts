import type { ColumnKind } from '../../model/table-map';

/** How values of a type are recorded and compared. */
export interface ColumnType {
  kind: ColumnKind;
  /** An expression of nvarchar that says a value exactly. */
  text(value: string): string;
  /** True where two values that are not null are different bytes. */
  differs(before: string, after: string): string;
}

/** What the options of the DataSource decide. */
export interface TypeTerms {
  /** Dates without an offset are UTC. */
  isUtc: boolean;
}

const withT = (text: string) => `STUFF(${text}, 11, 1, N'T')`;
const plainly = (before: string, after: string) => `${before} <> ${after}`;

/** By bytes: `<>` follows the collation and ignores trailing blanks, or trailing zeros. */
const byBytes = (before: string, after: string) =>
  `DATALENGTH(${before}) <> DATALENGTH(${after}) OR CONVERT(varbinary(max), ${before}) <> CONVERT(varbinary(max), ${after})`;

const asText = (value: string) => `CONVERT(nvarchar(max), ${value})`;
/** 41 characters are the longest: 38 digits, a sign, a point and a zero before it. */
const number: ColumnType = { kind: 'integer', text: (value) => `CONVERT(nvarchar(41), ${value})`, differs: plainly };
const text: ColumnType = { kind: 'text', text: asText, differs: byBytes };
/** Style 2: hexadecimal digits without 0x. */
const binary: ColumnType = {
  kind: 'blob',
  text: (value) => `CONVERT(varchar(max), CONVERT(varbinary(max), ${value}), 2)`,
  differs: byBytes,
};
/** By itself it would be written with two of its four digits behind the point. */
const money: ColumnType = {
  ...number,
  kind: 'decimal',
  text: (value) => `CONVERT(nvarchar(41), CONVERT(decimal(19, 4), ${value}))`,
};
/** Style 3: as many digits as give the same number back. -0 equals 0, so bytes are compared. */
const float: ColumnType = {
  kind: 'real',
  text: (value) => `CONVERT(nvarchar(40), CONVERT(float, ${value}), 3)`,
  differs: (before, after) => `CONVERT(binary(8), ${before}) <> CONVERT(binary(8), ${after})`,
};
const date: ColumnType = { kind: 'text', text: (value) => `CONVERT(nvarchar(10), ${value}, 23)`, differs: plainly };
/**
 * Milliseconds, or seven digits where they are not enough: the same whatever the type of the column keeps. Nothing is
 * rounded, since the last instant of the calendar would be beyond it then.
 */
const fraction = (value: string) =>
  `N'.' + LEFT(RIGHT(N'00000000' + CONVERT(nvarchar(9), DATEPART(nanosecond, ${value})), 9), CASE WHEN DATEPART(nanosecond, ${value}) % 1000000 = 0 THEN 3 ELSE 7 END)`;
/** A fraction of 0 is left out, as by a database that knows no such type. */
const time: ColumnType = {
  kind: 'text',
  text: (value) =>
    `CONVERT(nvarchar(8), ${value}, 108) + CASE WHEN DATEPART(nanosecond, ${value}) = 0 THEN N'' ELSE ${fraction(value)} END`,
  differs: plainly,
};
/** Style 120: to the second. */
const moment = (value: string) => `CONVERT(nvarchar(19), ${value}, 120) + ${fraction(value)}`;
const utc: ColumnType = { kind: 'instant', text: moment, differs: plainly };
const local: ColumnType = { kind: 'text', text: (value) => withT(moment(value)), differs: plainly };
/** Thirds of milliseconds, which have no last digit; style 121 rounds them to milliseconds. */
const shortMoment = (value: string) => `CONVERT(nvarchar(23), ${value}, 121)`;
const shortUtc: ColumnType = { ...utc, text: shortMoment };
const shortLocal: ColumnType = { ...local, text: (value) => withT(shortMoment(value)) };
/** Two instants that are the same with another offset are equal to the database. */
const offset: ColumnType = {
  kind: 'text',
  text: (value) => `${withT(moment(value))} + RIGHT(CONVERT(nvarchar(34), ${value}, 121), 6)`,
  differs: (before, after) => `CONVERT(nvarchar(34), ${before}, 121) <> CONVERT(nvarchar(34), ${after}, 121)`,
};
/** In small letters, as they are made by TypeORM, and as RFC 9562 has them written. */
const uuid: ColumnType = {
  kind: 'text',
  text: (value) => `LOWER(CONVERT(nvarchar(36), ${value}))`,
  differs: plainly,
};
const readable: ColumnType = {
  kind: 'text',
  text: asText,
  differs: (before, after) => byBytes(asText(before), asText(after)),
};
const hierarchy: ColumnType = { kind: 'text', text: (value) => `${value}.ToString()`, differs: plainly };
const variant: ColumnType = {
  kind: 'text',
  text: (value) => `CONVERT(nvarchar(4000), ${value})`,
  differs: (before, after) =>
    `SQL_VARIANT_PROPERTY(${before}, 'BaseType') <> SQL_VARIANT_PROPERTY(${after}, 'BaseType') OR ${byBytes(...([before, after].map((value) => `CONVERT(varbinary(8000), ${value})`) as [string, string]))}`,
};

const types: Record<string, ColumnType> = {
  tinyint: number,
  smallint: number,
  int: number,
  bigint: { ...number, kind: 'bigint' },
  bit: { ...number, kind: 'boolean' },
  decimal: { ...number, kind: 'decimal' },
  numeric: { ...number, kind: 'decimal' },
  money,
  smallmoney: money,
  float,
  real: { ...float, differs: (before, after) => `CONVERT(binary(4), ${before}) <> CONVERT(binary(4), ${after})` },
  date,
  time,
  datetimeoffset: offset,
  uniqueidentifier: uuid,
  char: text,
  varchar: text,
  nchar: text,
  nvarchar: text,
  sysname: text,
  binary,
  varbinary: binary,
  timestamp: binary,
  rowversion: binary,
  geography: binary,
  geometry: binary,
  xml: readable,
  json: { ...readable, kind: 'json' },
  hierarchyid: hierarchy,
  sql_variant: variant,
};

/** Each as UTC, and as a local time. */
const instants: Readonly<Record<string, readonly [ColumnType, ColumnType]>> = {
  datetime2: [utc, local],
  datetime: [shortUtc, shortLocal],
  smalldatetime: [shortUtc, shortLocal],
};

/** Types that triggers can't see, each with what to use instead. */
export const unseenTypes: Readonly<Record<string, string>> = {
  text: 'varchar(max)',
  ntext: 'nvarchar(max)',
  image: 'varbinary(max)',
};

/** The type of a column as the database has it; undefined for one that is not known, such as an assembly's. */
export function columnType(name: string, { isUtc }: TypeTerms): ColumnType | undefined {
  const type = name.toLowerCase();
  return instants[type]?.[isUtc ? 0 : 1] ?? types[type];
}

/** The database gives the row another one with each update. */
export function isRowVersion(name: string): boolean {
  return name === 'timestamp' || name === 'rowversion';
}

/** Kind by TypeORM's name of a type, which knows JSON in text; the rest is decided by the type that the table has. */
export function columnKind(type: string): ColumnKind {
  if (type === 'simple-json') return 'json';
  return columnType(type, { isUtc: true })?.kind ?? 'text';
}
