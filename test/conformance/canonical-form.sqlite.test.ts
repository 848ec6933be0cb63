import { afterAll, describe, expect, test } from 'vitest';
import { rawTable } from './model/raw-table';
import { SqliteTarget } from './sqlite-target';
import type { Model } from './write-path';

/**
 * Replay proves that nothing is lost; it would pass as well if every value were tagged. So here is, value by value, the
 * form that people and other dialects are promised.
 */
const model: Model = {
  name: 'canonical forms',
  entities: [
    rawTable('form', {
      columns: {
        id: 'integer',
        integer_: 'integer',
        bigint_: 'bigint',
        decimal_: 'decimal',
        real_: 'real',
        boolean_: 'boolean',
        text_: 'text',
        json_: 'simple-json',
        instant_: 'datetime',
        blob_: 'blob',
      },
    }),
  ],
  setup: [
    `CREATE TABLE form (id INTEGER PRIMARY KEY, integer_ INTEGER, bigint_ BIGINT, decimal_ DECIMAL, real_ REAL, boolean_ BOOLEAN,
      text_ TEXT, json_ TEXT, instant_ DATETIME, blob_ BLOB, free_)`,
  ],
};

const stored = (type: string, value: string) => ({ $stored: { type, value } });

/** Column, value in SQL, canonical form. */
const forms: [column: string, sql: string, form: unknown][] = [
  ['integer_', '7', 7],
  ['integer_', '-9007199254740991', -9007199254740991],
  ['integer_', '9007199254740993', stored('integer', '9007199254740993')],
  ['integer_', `'seven'`, stored('text', 'seven')],
  ['integer_', '7.5', stored('real', '7.5')],
  ['bigint_', '5', '5'],
  ['bigint_', '9223372036854775807', '9223372036854775807'],
  ['bigint_', '-9223372036854775808', '-9223372036854775808'],
  ['bigint_', '1.5', stored('real', '1.5')],
  ['decimal_', '12.5', '12.5'],
  ['decimal_', '3', '3'],
  ['decimal_', `'12345678901234567890123456789012345678'`, '1.2345678901234568e+37'],
  ['decimal_', `'twelve'`, stored('text', 'twelve')],
  ['real_', '0.1', 0.1],
  ['real_', '2', 2],
  ['real_', '9e999', stored('real', 'Infinity')],
  ['boolean_', '1', true],
  ['boolean_', '0', false],
  ['boolean_', '2', stored('integer', '2')],
  ['text_', `'abc'`, 'abc'],
  ['text_', `''`, ''],
  ['text_', '5', '5'],
  ['text_', `x'00'`, stored('blob', 'AA==')],
  ['text_', `CAST(x'FF' AS TEXT)`, { $stored: { type: 'text', encoding: 'base64', value: '/w==' } }],
  ['json_', `'{"a":[1,null]}'`, { a: [1, null] }],
  ['json_', `'"text"'`, 'text'],
  ['json_', `'null'`, stored('text', 'null')],
  ['json_', `'{ "a": 1 }'`, stored('text', '{ "a": 1 }')],
  ['json_', `'{"n":12345678901234567890}'`, stored('text', '{"n":12345678901234567890}')],
  ['json_', `'{"$stored":1}'`, stored('text', '{"$stored":1}')],
  ['json_', `'{'`, stored('text', '{')],
  ['instant_', `'2024-02-29 12:34:56'`, '2024-02-29T12:34:56Z'],
  ['instant_', `'1969-07-20 20:17:40.123456'`, '1969-07-20T20:17:40.123456Z'],
  ['instant_', `'2024-02-29 12:34:56.100'`, '2024-02-29T12:34:56.100Z'],
  ['instant_', `'2024-02-29T12:34:56Z'`, stored('text', '2024-02-29T12:34:56Z')],
  ['instant_', '1709210096', stored('integer', '1709210096')],
  ['blob_', `x'00FF'`, 'AP8='],
  ['blob_', `x''`, ''],
  ['blob_', `'text'`, stored('text', 'text')],
  ['free_', '7', 7],
  ['free_', '7.5', 7.5],
  ['free_', '7.0', stored('real', '7')],
  ['free_', `'abc'`, 'abc'],
  ['free_', `x'00'`, stored('blob', 'AA==')],
];

describe('canonical form', () => {
  const target = new SqliteTarget();
  afterAll(() => target.dispose());

  test('of every kind of column', async () => {
    const database = await target.open(model);
    try {
      for (const [column, sql] of forms)
        await database.dataSource.query(`INSERT INTO form (${column}) VALUES (${sql})`);
      const { entries } = await database.recorded();
      const found = forms.map(([column, sql], index) => [column, sql, entries[index]?.after?.[column]]);
      expect(found).toEqual(forms);
    } finally {
      await database.close();
    }
  });
});
