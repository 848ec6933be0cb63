import { describe, expect, it } from 'vitest';
import { captureSql } from '../../src/dialect/mssql/capture-sql';
import { behindKey } from '../../src/dialect/mssql/chunk-sql';
import { deliverySql } from '../../src/dialect/mssql/delivery-sql';
import { rollUp } from '../../src/dialect/mssql/rollup-sql';
import { storeSql } from '../../src/dialect/mssql/store-sql';
import type { LiveServerColumn } from '../../src/dialect/server-capture';

/** What SQL Server asks of statements, and other servers that execute T-SQL do not. */
const store = storeSql('dbo');
const binary = 'COLLATE Latin1_General_BIN2';

describe('texts of different collations meet only where one is named (errors 451 and 468)', () => {
  it('names of the catalog, and notes of the log', () => {
    const { listTriggers, listColumns } = captureSql('dbo', { isUtc: true });
    expect(listTriggers).toMatch(/m\.name = \(N'trigger:' \+ .* \+ o\.name\) COLLATE Latin1_General_BIN2\)/);
    expect(listColumns).toMatch(/o\.name = \(CASE .* END\) COLLATE DATABASE_DEFAULT\n/);
    expect(listColumns).toMatch(/s\.name = \(CASE .* END\) COLLATE DATABASE_DEFAULT\n/);
  });

  it.each([
    ['entries', store.selectEntries([], 'id')],
    ['entries that move', store.selectPortable('stretch')],
  ])('the id of the log, of %s', (_what, sql) => {
    expect(sql).toContain(`COALESCE(e.log_id ${binary}, (SELECT value FROM`);
  });

  it.each([
    ['in a roll-up', rollUp('dbo')],
    ['in a delivery', deliverySql('dbo').removeDelivered],
    ['in figures', store.selectSummary],
  ])('periods, %s', (_where, sql) => {
    expect(sql).toContain(`(N'hour' ${binary}, LEFT(e.moment, 13) ${binary}, `);
  });

  it('bounds of a search by time', () => {
    expect(store.selectIdRange.match(/CONVERT\(nvarchar\(16\), \?\) COLLATE Latin1_General_BIN2 AS/g)).toHaveLength(4);
  });
});

it('who gets no lock on the roll-ups does not go on without one', () => {
  for (const sql of [rollUp('dbo'), store.selectSummary]) {
    expect(sql).toMatch(/EXEC @held = sp_getapplock .*;\n\s*IF @held < 0 THROW/);
  }
});

it('what a transaction of the application takes back is passed by at no level of isolation (error 650)', () => {
  const { removeDelivered, removeOwn } = deliverySql('dbo');
  expect(removeDelivered).toContain('READPAST');
  expect(removeOwn).not.toContain('READPAST');
});

describe('a chunk of rows behind a key', () => {
  const column = (name: string, declaration: string, collation: string | null): LiveServerColumn => ({
    ...{ table: 'note', name, type: declaration.replace(/\(.*/, ''), declaration, collation },
    ...{ isKey: true, isIdentity: false, isRowNumber: false, isGenerated: 0, isRequired: 0, keyPlace: 1 },
  });
  const live = [
    column('code', 'varchar(20)', 'Greek_CI_AS'),
    column('n', 'int', null),
    column('until', 'datetime2(7)', null),
  ];
  const table = { table: 'note', columns: [], key: ['code', 'n'], live };
  const { declare, from } = behindKey(table, ['\u03b1', 1], '[dbo].[note]', '?', 1000);

  it('compares with a text in the code page of the column, which a variable does not have', () => {
    expect(declare).toBe('DECLARE @k0 nvarchar(4000) = ?, @k1 int = CONVERT(int, ?);');
    expect(from).toContain('r.[code] > CONVERT(varchar(20), @k0 COLLATE Greek_CI_AS)');
    expect(from).toContain('r.[n] > @k1');
  });

  it('names all columns, as some may be hidden from *', () => {
    expect(from).toContain('SELECT TOP (?) r.[code], r.[n], r.[until] FROM [dbo].[note] r');
  });
});
