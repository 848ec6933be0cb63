import type { Model } from '../write-path';
import { StatementPaths, table } from './table';

const wide = Array.from({ length: 300 }, (_, n) => `c${n}`);
/** @param column one more of them */
const namesOfAnyForm = (odd: string, key: string, column: string, needs?: string) => {
  const quote = (name: string): string => `[${name.replaceAll(']', ']]')}]`;
  const model: Model = {
    name: 'names of any form',
    entities: [
      table(
        odd,
        `${key} int!, select nvarchar, ORDER nvarchar, audit_trail_row int, __proto__ int, ${column} int, names int, f int`,
      ),
    ],
    setup: [
      `CREATE TABLE ${quote(odd)} (${quote(key)} int PRIMARY KEY, [select] nvarchar(10), [ORDER] nvarchar(10),
        audit_trail_row int, [__proto__] int, ${quote(column)} int, names int, f int)`,
    ],
  };
  return new StatementPaths(model).add(
    `the name ${odd}`,
    `${odd}.I, ${odd}.U, ${odd}.D`,
    [
      `INSERT INTO ${quote(odd)} VALUES (1, 'a', 'b', 2, 3, 4, 5, 6)`,
      `UPDATE ${quote(odd)} SET [select] = '"', audit_trail_row = 7, [__proto__] = NULL, ${quote(column)} = 8`,
      `DELETE FROM ${quote(odd)}`,
    ],
    needs === undefined ? {} : { needs },
  ).paths;
};

const shapes = new StatementPaths({
  name: 'table shapes',
  entities: [
    table('user', 'group int!, table nvarchar'),
    table('wide', `id int!, ${wide.map((name) => `${name} int`).join(', ')}`),
    table('big', 'id int!, body nvarchar, more nvarchar'),
    table('computed', 'id int!, a int, twice int, kept int'),
    table('numbered', 'code nvarchar!, n int'),
    table('guid', 'id uniqueidentifier!, v nvarchar'),
    table('priced', 'price decimal!, v nvarchar'),
    table('money_key', 'amount money!, at datetime2!, v nvarchar'),
    table('moment', 'at datetime2!, v nvarchar'),
    table('offset_key', 'at datetimeoffset!, v nvarchar'),
    table('flag', 'yes bit!, day date!, v nvarchar'),
    table('floating', 'x float!, v nvarchar'),
    table('order', 'id int!, what nvarchar', 'sales'),
  ],
  setup: [
    'CREATE TABLE [user] ([group] int PRIMARY KEY, [table] nvarchar(20))',
    `CREATE TABLE wide (id int PRIMARY KEY, ${wide.map((name) => `${name} int`).join(', ')})`,
    'CREATE TABLE big (id int PRIMARY KEY, body nvarchar(max), more nvarchar(max))',
    'CREATE TABLE computed (id int PRIMARY KEY, a int, twice AS a * 2, kept AS a + 1 PERSISTED)',
    'CREATE TABLE numbered (n int IDENTITY(100, 10), code nvarchar(10) PRIMARY KEY)',
    'CREATE TABLE guid (id uniqueidentifier DEFAULT NEWID() PRIMARY KEY, v nvarchar(10))',
    'CREATE TABLE priced (price decimal(10, 4) PRIMARY KEY, v nvarchar(10))',
    'CREATE TABLE money_key (amount money, at datetime2(3), v nvarchar(10), PRIMARY KEY (amount, at))',
    'CREATE TABLE moment (at datetime2(3) PRIMARY KEY, v nvarchar(10))',
    'CREATE TABLE offset_key (at datetimeoffset(3) PRIMARY KEY, v nvarchar(10))',
    'CREATE TABLE flag (yes bit, [day] date, v nvarchar(10), PRIMARY KEY (yes, [day]))',
    'CREATE TABLE floating (x float PRIMARY KEY, v nvarchar(10))',
    'CREATE SCHEMA sales',
    'CREATE TABLE sales.[order] (id int IDENTITY PRIMARY KEY, what nvarchar(20))',
  ],
})
  .add('reserved words', 'user.I, user.U, user.D', [
    `INSERT INTO [user] VALUES (1, 'x')`,
    `UPDATE [user] SET [table] = 'y', [group] = 2`,
    'DELETE FROM [user]',
  ])
  .add('300 columns', 'wide.I×2, wide.U×2, wide.D×2', [
    `INSERT INTO wide VALUES (1, ${wide.map((_, n) => n).join(', ')}), (2, ${wide.map(() => 'NULL').join(', ')})`,
    `UPDATE wide SET ${wide.map((name) => `${name} = COALESCE(${name}, 0) + 1`).join(', ')}`,
    'DELETE FROM wide',
  ])
  .add('rows of ten megabytes', 'big.I×2, big.U, big.D×2', [
    `INSERT INTO big VALUES (1, REPLICATE(CONVERT(nvarchar(max), N'ä☃x"'), 1250000), N'a'), (2, N'b', NULL)`,
    `UPDATE big SET more = N'c' WHERE id = 1`,
    `UPDATE big SET body = body WHERE id = 1`,
    'DELETE FROM big',
  ])
  .add('computed columns', 'computed.I, computed.U, computed.D', [
    'INSERT INTO computed (id, a) VALUES (1, 5)',
    'UPDATE computed SET a = 6',
    'DELETE FROM computed',
  ])
  .add('an identity column that is not the key', 'numbered.I×2, numbered.U×2', [
    `INSERT INTO numbered (code) VALUES ('a'), ('b')`,
    `UPDATE numbered SET code = code + 'x'`,
  ])
  .add(
    'a uniqueidentifier as key, and one that the database gives',
    'guid.I×2, guid.U×2, guid.D×2',
    [
      `INSERT INTO guid (id, v) VALUES ('6f9619ff-8b86-d011-b42d-00c04fc964ff', 'a')`,
      `INSERT INTO guid (v) VALUES ('b')`,
      `UPDATE guid SET v = v + '!'`,
      'DELETE FROM guid',
    ],
    // Numbers that the database makes up are others in each run.
    { truth: 'none' },
  )
  .add('a decimal as key', 'priced.I×2, priced.U×2, priced.D×2', [
    `INSERT INTO priced VALUES (1.5, 'a'), (20, 'b')`,
    `UPDATE priced SET v = v + '!'`,
    'DELETE FROM priced',
  ])
  .add('money and an instant as key', 'money_key.I, money_key.U, money_key.D', [
    `INSERT INTO money_key VALUES (1.5, '2024-02-29T12:34:56.101', 'a')`,
    `UPDATE money_key SET amount = 2`,
    'DELETE FROM money_key',
  ])
  .add('an instant as key', 'moment.I, moment.U, moment.D', [
    `INSERT INTO moment VALUES ('2024-02-29T12:34:56.101', 'a')`,
    `UPDATE moment SET at = '1969-12-31T23:59:59.999'`,
    'DELETE FROM moment',
  ])
  .add(
    'an instant with its offset as key',
    'offset_key.I, offset_key.U, offset_key.D',
    [
      `INSERT INTO offset_key VALUES ('2024-02-29T12:34:56.101+02:00', 'a')`,
      `UPDATE offset_key SET at = '2024-02-29T10:34:56.101+00:00'`,
      'DELETE FROM offset_key',
    ],
    // The same instant: equal to a difference of sets.
    { truth: 'rows' },
  )
  .add('a bit and a date as key', 'flag.I×2, flag.U×2', [
    `INSERT INTO flag VALUES (1, '2024-02-29', 'a'), (0, '2024-02-29', 'b')`,
    `UPDATE flag SET v = v + '!'`,
  ])
  .add(
    'a floating number as key',
    'floating.I×3, floating.U×3',
    [`INSERT INTO floating VALUES (5, 'a'), (0.1, 'b'), (1e22, 'c')`, `UPDATE floating SET v = v + '!'`],
    { warning: /"floating" has a floating number in its key, x/ },
  )
  .add('another schema', 'sales.order.I×2, sales.order.U, sales.order.D', [
    `INSERT INTO sales.[order] (what) VALUES ('a'), ('b')`,
    `UPDATE sales.[order] SET what = 'c' WHERE what = 'b'`,
    `DELETE FROM sales.[order] WHERE what = 'c'`,
  ])
  .add(
    'an identity column beside the key: all keys changed at once',
    'numbered.I×2, numbered.U×2, numbered.D×2',
    [
      `INSERT INTO numbered (code) VALUES ('1'), ('2')`,
      `UPDATE numbered SET code = CONVERT(nvarchar(10), 3 - CONVERT(int, code))`,
      'DELETE FROM numbered',
    ],
    { needs: 'it checks unique keys row by row' },
  ).paths;

export const tableShapePaths = [
  ...namesOfAnyForm(`odd name of[ a ta'ble é`, `the "key" !'`, 'größe'),
  ...namesOfAnyForm('a "name"', 'the key', 'n', 'its OPENJSON leaves escapes in texts'),
  ...namesOfAnyForm('one ] more', 'the ]] key', 'n', 'a closing bracket in a name can’t be quoted there'),
  ...namesOfAnyForm('имя ☃', 'ключ', '☃', 'its catalogue has names in one code page'),
  ...shapes,
];
