import { describe, expect, it } from 'vitest';
import { captureSql } from '../../src/dialect/mssql/capture-sql';
import { deliverySql } from '../../src/dialect/mssql/delivery-sql';
import { rollUp } from '../../src/dialect/mssql/rollup-sql';
import { storeSql } from '../../src/dialect/mssql/store-sql';

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
