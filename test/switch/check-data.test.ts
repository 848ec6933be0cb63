import { EntitySchema } from 'typeorm';
import { describe, expect, it } from 'vitest';
import { CheckSteps } from '../../src/dialect/check-steps';
import { plannedTables } from '../../src/dialect/planned-tables';
import { sqliteDialect } from '../../src/dialect/sqlite/dialect';
import type { Collation } from '../../src/model/planned-table';
import { checkData } from '../../src/switch/check-data';
import { stock } from '../support/databases';

const Person = new EntitySchema({
  name: 'Person',
  tableName: 'person',
  columns: {
    id: { type: 'int', primary: true, generated: true },
    login: { type: 'varchar', length: 8 },
    mail: { type: 'varchar', nullable: true },
    born: { type: 'datetime', nullable: true },
    size: { type: 'int', nullable: true },
    rate: { type: 'decimal', precision: 10, scale: 2, nullable: true },
  },
  uniques: [{ columns: ['login'] }, { columns: ['mail'] }],
});

const insensitive: Collation = { ignoresCase: true, ignoresAccents: false };

/** What is found in rows of the table for a database on a server, which is never opened. */
async function foundIn(rows: readonly string[], collation = insensitive): Promise<string[]> {
  const dataSource = await stock([Person]);
  // SQLite holds a table made by hand to nothing.
  await dataSource.query('DROP TABLE person');
  await dataSource.query('CREATE TABLE person (id INTEGER PRIMARY KEY, login, mail, born, size, rate)');
  for (const row of rows) await dataSource.query(`INSERT INTO person (login, mail, born, size, rate) VALUES (${row})`);
  const tables = await plannedTables('mssql://nobody@nowhere.invalid/app', { entities: [Person] });
  const steps = new CheckSteps();
  checkData(sqliteDialect.engineOf(dataSource), sqliteDialect, tables, collation, steps);
  return steps.steps.map(({ status, detail }) => `${status} ${detail}`);
}

const fine = `'ann', 'ann@example.com', '2026-01-31 12:00:00.123', 7, 1.5`;

describe('rows for another database', () => {
  it('fit where nothing is wrong', async () => {
    expect(await foundIn([fine, `'bob', NULL, NULL, NULL, NULL`])).toEqual(['ok 2 rows of 1 tables would fit']);
  });

  it.each([
    ['a text that is too long', `'ann-marie', 'a', NULL, NULL, NULL`, 'login holds longer than 8 characters'],
    ['a date that is none', `'bob', 'a', 'soon', NULL, NULL`, 'born holds a date that does not parse'],
    ['a day that is none', `'bob', 'a', '2026-02-30 12:00:00', NULL, NULL`, 'born holds a date that does not parse'],
    [
      'a date before the type',
      `'bob', 'a', '1700-01-01 12:00:00', NULL, NULL`,
      'born holds a date before the first of datetime',
    ],
    ['a number that is too large', `'bob', 'a', NULL, 3000000000, NULL`, 'size holds beyond the range of int'],
    ['a text for a number', `'bob', 'a', NULL, 'many', NULL`, 'size holds no whole number'],
    [
      'a time that datetime rounds',
      `'bob', 'a', '2026-01-31 12:00:00.124', NULL, NULL`,
      'born holds a fraction of a second that datetime rounds',
    ],
    [
      'a time that is read as a local one',
      `'bob', 'a', '2026-01-31 12:00:00.12', NULL, NULL`,
      'born holds a date that TypeORM takes for one of the local time zone',
    ],
    [
      'digits that are rounded off',
      `'bob', 'a', NULL, NULL, 0.125`,
      'rate holds a number with more than 2 digits behind the point',
    ],
    [
      'more digits than there are',
      `'bob', 'a', NULL, NULL, 123456789`,
      'rate holds a number with more than 8 digits before the point',
    ],
    ['a number for a text', `7, 'a', NULL, NULL, NULL`, 'login holds a number'],
    ['a text for a decimal', `'bob', 'a', NULL, NULL, 'cheap'`, 'rate holds no number'],
    ['no value where one must be', `NULL, 'a', NULL, NULL, NULL`, 'login holds no value where one must be'],
    ['a binary value for a text', `x'00ff', 'a', NULL, NULL, NULL`, 'login holds a binary value'],
  ])('do not fit with %s', async (_what, row, problem) => {
    expect(await foundIn([fine, row])).toEqual([`failed person: ${problem}, of the row 2.`]);
  });

  it('do not fit where keys are equal under the collation of the target', async () => {
    const rows = [`'ann', 'a', NULL, NULL, NULL`, `'Ann', 'b', NULL, NULL, NULL`, `'ann ', 'c', NULL, NULL, NULL`];
    const detail = 'person: equal there under the unique login, of the row';
    expect(await foundIn(rows)).toEqual([`failed ${detail} 2, and of 1 more.`]);
    expect(await foundIn(rows, { ignoresCase: false, ignoresAccents: false })).toEqual([`failed ${detail} 3.`]);
    const accents = [`'ann', 'a', NULL, NULL, NULL`, `'änn', 'b', NULL, NULL, NULL`];
    expect(await foundIn(accents)).toEqual(['ok 2 rows of 1 tables would fit']);
    expect(await foundIn(accents, { ignoresCase: false, ignoresAccents: true })).toEqual([`failed ${detail} 2.`]);
  });

  it('do not fit with several NULLs under a unique index', async () => {
    const rows = [`'ann', NULL, NULL, NULL, NULL`, `'bob', NULL, NULL, NULL, NULL`];
    expect(await foundIn(rows)).toEqual(['failed person: several NULLs under a unique index on mail, of the row 2.']);
  });

  it('are all looked at, and each fault is told once with its number', async () => {
    const rows = Array.from(
      { length: 1500 },
      (_, index) => `'p${index}', 'm${index}', ${index < 1400 ? 'NULL' : "'soon'"}, NULL, NULL`,
    );
    expect(await foundIn(rows)).toEqual([
      'failed person: born holds a date that does not parse, of the row 1401, and of 99 more.',
    ]);
  });
});

it('columns that the target computes are named', async () => {
  const Versioned = new EntitySchema({
    name: 'Versioned',
    tableName: 'versioned',
    columns: {
      id: { type: 'int', primary: true },
      version: { type: 'rowversion' as never },
    },
  });
  const dataSource = await stock([]);
  await dataSource.query('CREATE TABLE versioned (id INTEGER PRIMARY KEY, version)');
  const tables = await plannedTables('mssql://nobody@nowhere.invalid/app', { entities: [Versioned] });
  const steps = new CheckSteps();
  checkData(sqliteDialect.engineOf(dataSource), sqliteDialect, tables, insensitive, steps);
  expect(steps.steps.map(({ status, detail }) => `${status} ${detail}`)).toEqual([
    'warning versioned: the target makes the values of version.',
    'ok 0 rows of 1 tables would fit',
  ]);
});
