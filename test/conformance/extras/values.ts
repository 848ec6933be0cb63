import { column, openSqlite } from '../../support/sqlite';
import { rawTable } from '../model/raw-table';
import { type App, type Model, PathList, type WritePath } from '../write-path';

/** A column for every way in which a column can treat a value: the affinities, the kinds, the collations. */
const columns = {
  int_: 'integer',
  big_: 'bigint',
  real_: 'real',
  num_: 'numeric',
  bool_: 'boolean',
  text_: 'text',
  nocase_: 'varchar',
  blob_: 'blob',
  at_: 'datetime',
  date_: 'date',
  json_: 'json',
  sjson_: 'simple-json',
  sarray_: 'simple-array',
} as const;
const names = [...Object.keys(columns), 'free_'];

const model: Model = {
  name: 'values',
  // free_ is in no entity: all that is known of it is in the table.
  entities: [rawTable('matrix', { columns: { id: 'integer', ...columns } })],
  setup: [
    `CREATE TABLE matrix (id INTEGER PRIMARY KEY, int_ INTEGER, big_ BIGINT, real_ REAL, num_ NUMERIC, bool_ BOOLEAN, text_ TEXT,
      nocase_ VARCHAR(10) COLLATE NOCASE, blob_ BLOB, at_ DATETIME, date_ DATE, json_ JSON, sjson_ TEXT, sarray_ TEXT, free_)`,
  ],
};

/** Name, SQL of the value, and a parameter where SQL has no way to write it. */
type Value = [name: string, sql: string, parameter?: unknown];

const text = (bytes: string): string => `CAST(x'${bytes}' AS TEXT)`;
const digits38 = '12345678901234567890123456789012345678';

const values: Value[] = [
  ['0', '0'],
  ['1', '1'],
  ['2', '2'],
  ['-1', '-1'],
  ['2^53 - 1', '9007199254740991'],
  ['2^53', '9007199254740992'],
  ['2^53 + 1', '9007199254740993'],
  ['least int64', '-9223372036854775808'],
  ['greatest int64', '9223372036854775807'],
  ['0.0', '0.0'],
  ['-0.0', '?', -0],
  ['1.0', '1.0'],
  ['0.1 + 0.2', '0.1 + 0.2'],
  ['least real', '5e-324'],
  ['greatest real', '1.7976931348623157e308'],
  ['1e21', '1e21'],
  ['2^53 as real', '9007199254740992.0'],
  ['2^63 as real', '9223372036854775808.0'],
  ['infinity', '9e999'],
  ['-infinity', '-9e999'],
  ['empty string', `''`],
  ['blank', `' '`],
  ['text', `'abc'`],
  ['text of a number', `'1'`],
  ['text of a number with zeros', `'007.50'`],
  ['decimal of 38 digits', `'${digits38}'`],
  ['decimal of 38 digits with point', `'0.${digits38}'`],
  ['decimal of 38 digits as literal', digits38],
  ['text true', `'true'`],
  ['text null', `'null'`],
  ['JSON', `'{"b":1,"a":[true,null]}'`],
  ['JSON with blanks', `'{ "b" : 1 }'`],
  ['JSON with a big integer', `'{"a":12345678901234567890}'`],
  ['JSON with 1e400', `'{"a":1e400}'`],
  ['JSON with -0', `'[1,-0]'`],
  ['JSON with 1.0', `'[1.0]'`],
  ['JSON with a key twice', `'{"a":1,"a":2}'`],
  ['JSON with numeric keys', `'{"b":0,"10":1,"9":2}'`],
  ['JSON with __proto__', `'{"__proto__":{"x":1},"constructor":2}'`],
  ['JSON that looks tagged', `'{"$stored":{"type":"text","value":"x"}}'`],
  ['JSON that looks masked', `'{"$masked":true}'`],
  ['JSON with escapes', `'"\\u00e4\\/\\ud800"'`],
  ['JSON string', `'"abc"'`],
  ['JSON number', `'12'`],
  ['broken JSON', `'{"a":'`],
  ['JSONB', `jsonb('{"a":[1,2]}')`],
  ['instant', `'2024-02-29 12:34:56'`],
  ['instant with milliseconds', `'2024-02-29 12:34:56.789'`],
  ['instant before 1970 with microseconds', `'1969-07-20 20:17:40.123456'`],
  ['instant with zeros at the end', `'2024-02-29 12:34:56.100'`],
  ['instant without fraction digits', `'2024-02-29 12:34:56.'`],
  ['instant in year 1', `'0001-01-01 00:00:00.000'`],
  ['instant in ISO form', `'2024-02-29T12:34:56Z'`],
  ['instant that does not exist', `'2023-02-31 25:61:61'`],
  ['instant with offset', `'2024-02-29 12:34:56+02:00'`],
  ['instant as julian day', 'julianday(0)'],
  ['date', `'1969-12-31'`],
  ['empty blob', `x''`],
  ['blob of zeros', `x'000000'`],
  ['blob', `x'00FF41800A'`],
  ['text with NUL', `'a' || char(0) || 'b'`],
  ['text of one NUL', `char(0)`],
  ['text with trailing NUL', `'a' || char(0)`],
  ['text of one invalid byte', text('FF')],
  ['text with invalid UTF-8', text('61C328E282')],
  ['text of replacement characters', text('EFBFBD')],
  ['text with a surrogate', text('61EDA0BD62')],
  ['text of an overlong sequence', text('C080')],
  ['text with a byte order mark', text('EFBBBF61')],
  ['text with a noncharacter', `char(65535)`],
  ['text beyond the BMP', `'😀𝔘'`],
  ['text with line separators', `'a' || char(8232) || char(13) || char(10) || char(9)`],
  ['text like a name of Object', `'__proto__'`],
];

async function setAll(app: App, sql: string, parameters: unknown[] = []): Promise<void> {
  const list = names.map((name) => `${name} = source.value`).join(', ');
  await app.manager.query(`UPDATE matrix SET ${list} FROM (SELECT ${sql} AS value) AS source`, parameters);
}

const memory = openSqlite(':memory:');
const hasJsonb = !/^3\.44\./.test(String(column(memory, 'SELECT sqlite_version()')[0]));
memory.close();

function valuePath([name, sql, ...parameters]: Value): WritePath {
  return new PathList(model).add(`value ${name}`, {
    changes: 'matrix.I, matrix.U×2, matrix.D',
    lacking: name === 'JSONB' && !hasJsonb ? 'SQLite before 3.45 has no JSONB' : undefined,
    run: async (app) => {
      const each = names.map(() => 'value').join(', ');
      await app.manager.query(`INSERT INTO matrix SELECT 1, ${each} FROM (SELECT ${sql} AS value)`, parameters);
      await app.checkpoint('matrix.I');
      await setAll(app, 'NULL');
      await setAll(app, 'NULL');
      await setAll(app, sql, parameters);
      await setAll(app, sql, parameters);
      await app.checkpoint('matrix.U×2');
      await app.manager.query(`DELETE FROM matrix`);
    },
  }).paths[0]!;
}

/** A row for each value, with the value in every column: inserted, set to NULL, set again, set to itself, deleted. */
export const valuePaths = values.map(valuePath);
