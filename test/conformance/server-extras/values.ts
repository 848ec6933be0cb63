import type { Model } from '../write-path';
import { StatementPaths, table } from './table';

const digits = 'it writes times with other digits than their type has';
const hexadecimal = 'it does not write binary as digits';

/** A table of one column of each type; `type` as TypeORM names it. */
const types: Record<string, { declared: string; type?: string; values: string[]; needs?: string }> = {
  tinyint: { declared: 'tinyint', values: ['0', '255'] },
  smallint: { declared: 'smallint', values: ['-32768', '32767'] },
  int: { declared: 'int', values: ['-2147483648', '0', '2147483647'] },
  bigint: { declared: 'bigint', values: ['-9223372036854775808', '9007199254740993', '9223372036854775807'] },
  bit: { declared: 'bit', values: ['0', '1'] },
  whole38: {
    declared: 'decimal(38, 0)',
    type: 'decimal',
    values: ['99999999999999999999999999999999999999', '-99999999999999999999999999999999999999', '0', '100'],
  },
  decimal38: {
    declared: 'decimal(38, 19)',
    type: 'decimal',
    values: ['1234567890123456789.1234567890123456789', '-0.0000000000000000001', '1.5', '20'],
  },
  least38: {
    declared: 'decimal(38, 38)',
    type: 'decimal',
    values: ['-0.12345678901234567890123456789012345678', '0.00000000000000000000000000000000000001'],
  },
  numeric: { declared: 'numeric(9, 3)', values: ['123456.789', '-0.001', '10.000'] },
  money: { declared: 'money', values: ['-922337203685477.5808', '922337203685477.5807', '0.0001', '12.5'] },
  smallmoney: { declared: 'smallmoney', values: ['-214748.3648', '0.10'] },
  float: {
    declared: 'float',
    values: [
      '1.7976931348623157E308',
      '2.2250738585072014E-308',
      '0.1E0',
      '-1E22',
      '123456789.12345679E0',
      '5E0',
      '1E21',
    ],
  },
  real: { declared: 'real', values: ['3.4028235E38', '0.1E0', '-16777217E0', '1.1754944E-38'] },
  date: { declared: 'date', values: [`'0001-01-01'`, `'1969-12-31'`, `'9999-12-31'`] },
  time0: { declared: 'time(0)', type: 'time', values: [`'00:00:00'`, `'23:59:59'`], needs: digits },
  time3: { declared: 'time(3)', type: 'time', values: [`'00:00:00.100'`, `'23:59:59.999'`], needs: digits },
  time7: { declared: 'time(7)', type: 'time', values: [`'12:34:56.123456'`, `'00:00:00.000001'`], needs: digits },
  datetime: {
    declared: 'datetime',
    values: [
      `'1753-01-01T00:00:00'`,
      `'9999-12-31T23:59:59.997'`,
      `'1969-07-20T20:17:40.123'`,
      `'2024-02-29T12:34:56'`,
    ],
  },
  smalldatetime: {
    declared: 'smalldatetime',
    values: [`'1900-01-01T00:00:00'`, `'2079-06-06T23:59:00'`],
    needs: digits,
  },
  datetime2_0: {
    declared: 'datetime2(0)',
    type: 'datetime2',
    values: [`'0001-01-01T00:00:00'`, `'2024-02-29T12:34:56'`],
  },
  datetime2_3: {
    declared: 'datetime2(3)',
    type: 'datetime2',
    values: [`'1969-07-20T20:17:40.123'`, `'2024-02-29T12:34:56.001'`],
  },
  datetime2_7: {
    declared: 'datetime2(7)',
    type: 'datetime2',
    values: [`'9999-12-31T23:59:59.999999'`, `'1969-07-20T20:17:40.000001'`],
  },
  datetimeoffset: {
    declared: 'datetimeoffset(3)',
    type: 'datetimeoffset',
    values: [
      `'2024-02-29T12:34:56.789+05:30'`,
      // The same instant: only its bytes are different.
      `'2024-02-29T07:04:56.789+00:00'`,
      `'1969-07-20T20:17:40.101-09:30'`,
    ],
  },
  zeros_at_the_end: {
    declared: 'datetime2(3)',
    type: 'datetime2',
    values: [`'2024-02-29T12:34:56.100'`, `'2024-02-29T12:34:56'`],
    needs: digits,
  },
  uniqueidentifier: {
    declared: 'uniqueidentifier',
    values: [`'6f9619ff-8b86-d011-b42d-00c04fc964ff'`, `'00000000-0000-0000-0000-000000000000'`],
  },
  char5: { declared: 'char(5)', type: 'char', values: [`'a'`, `'A'`, `''`, `'äöü'`] },
  nchar5: { declared: 'nchar(5)', type: 'nchar', values: [`N'ж'`, `N''`, `N'a b'`] },
  varchar: { declared: 'varchar(50)', type: 'varchar', values: [`'abc'`, `'ABC'`, `'ABC '`, `'ABC  '`, `''`, `'é'`] },
  nvarchar: {
    declared: 'nvarchar(100)',
    type: 'nvarchar',
    values: [
      `N'abc'`,
      `N'abc '`,
      `N''`,
      `N' '`,
      `N'ä☃😀 "quoted" \\ / \\u0041'`,
      `NCHAR(10) + NCHAR(13) + NCHAR(9) + NCHAR(1) + NCHAR(31) + NCHAR(127) + NCHAR(8232)`,
      `N'{"$stored":{"type":"integer","value":"1"}}'`,
      `N'null'`,
      `N'e' + NCHAR(769)`,
      `N'é'`,
    ],
  },
  folded: {
    declared: 'nvarchar(50) COLLATE Latin1_General_CI_AI',
    type: 'nvarchar',
    values: [`N'resume'`, `N'Resume'`, `N'résumé'`, `N'RÉSUMÉ '`, `N'RÉSUMÉ'`],
  },
  long: {
    declared: 'nvarchar(max)',
    type: 'nvarchar',
    values: [`REPLICATE(CONVERT(nvarchar(max), N'ä☃'), 100000)`, `N''`],
  },
  json: {
    declared: 'nvarchar(max)',
    type: 'simple-json',
    values: [
      `N'{"a":[1,null,"x"],"b":{}}'`,
      `N'{ "a": 1 }'`,
      `N'{"n":12345678901234567890,"d":0.1000}'`,
      `N'{"$redacted":true}'`,
      `N'null'`,
      `N'"text"'`,
      `N'{'`,
      `N'{"a":1,"a":2}'`,
      `N'1e400'`,
    ],
  },
  binary: { declared: 'binary(4)', values: ['0x00000000', '0x00FF00FF'], needs: hexadecimal },
  varbinary: {
    declared: 'varbinary(max)',
    type: 'varbinary',
    values: ['0x', '0x00', '0x0000', `CONVERT(varbinary(max), REPLICATE(CONVERT(varchar(max), 'ab'), 50000))`],
    needs: hexadecimal,
  },
  rowversion: { declared: 'rowversion', type: 'timestamp', values: [], needs: 'it has no rowversion' },
  xml: {
    declared: 'xml',
    values: [`N'<a b="1">x</a>'`, `N'<a b="1">y</a>'`],
    needs: 'its xml can’t be compared by bytes',
  },
  hierarchyid: { declared: 'hierarchyid', values: [`'/1/2/'`, `'/1/2.5/'`, `'/'`], needs: 'it has no hierarchyid' },
  sql_variant: {
    declared: 'sql_variant',
    // Expressly, or all rows of VALUES would have one type.
    values: ['1', 'CONVERT(bigint, 2)', `N'a'`, `'b'`].map((value) => `CONVERT(sql_variant, ${value})`),
    needs: 'its variants are not told apart',
  },
};

const modelOf = (names: readonly string[]): Model => ({
  name: 'values',
  entities: names.map((name) => table(`of_${name}`, `id int!, value ${types[name]!.type ?? name}`)),
  setup: names.map((name) => `CREATE TABLE of_${name} (id int PRIMARY KEY, value ${types[name]!.declared}, n int)`),
});
const everywhere = modelOf(Object.keys(types).filter((name) => types[name]!.needs === undefined));

/** Each value comes, takes the place of another one and of NULL, and goes. */
export const valuePaths = Object.entries(types).flatMap(([name, { declared, type = name, values, needs }]) => {
  const paths = new StatementPaths(needs === undefined ? everywhere : modelOf([name]));
  // The same instant with another offset is equal to a difference of sets.
  const truth = type === 'datetimeoffset' ? 'rows' : 'changes and rows';
  const spec = { truth, ...(needs !== undefined && { needs }) } as const;
  const of = `of_${name}`;
  if (values.length === 0) {
    return paths.add(
      `${declared}: only with a real change`,
      `${of}.I, ${of}.U`,
      [`INSERT INTO ${of} (id, n) VALUES (1, 1)`, `UPDATE ${of} SET n = 1`, `UPDATE ${of} SET n = 2`],
      spec,
    ).paths;
  }
  const all = ['NULL', ...values];
  const insert = all.map((value, id) => `(${id}, ${value})`).join(', ');
  const steps = [...values, 'NULL'].map((value) => `UPDATE ${of} SET value = ${value} WHERE id = 0`);
  return paths.add(
    `${declared}: ${values.length} values`,
    `${of}.I×${all.length}, ${of}.U×${steps.length}, ${of}.D×${all.length}`,
    [`INSERT INTO ${of} (id, value) VALUES ${insert}`, `UPDATE ${of} SET value = value`, ...steps, `DELETE FROM ${of}`],
    spec,
  ).paths;
});

/** Where the DataSource leaves useUTC as it is: times are local ones, of nowhere. */
export const localTimePaths = valuePaths.filter(({ name }) => /^(date|time|smalldate)/.test(name));
