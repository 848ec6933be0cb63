import { expect, it } from 'vitest';
import { tableSql } from '../../src/dialect/mssql/table-sql';
import type { LiveServerColumn } from '../../src/dialect/server-capture';

const column = (name: string, declaration: string, more: Partial<LiveServerColumn> = {}): LiveServerColumn => ({
  ...{ table: 'sales.order', name, type: declaration.replace(/\(.*/, '').toLowerCase(), declaration },
  ...{
    collation: null,
    isKey: false,
    isIdentity: false,
    isRowNumber: false,
    isGenerated: 0,
    isRequired: 0,
    keyPlace: 0,
  },
  ...more,
});

const sql = tableSql('dbo', { isUtc: true });

it('what is off while rows of a server are written is on again before the transaction ends', () => {
  const columns = [
    column('id', 'INT', { isIdentity: true }),
    column('data', 'VARBINARY(max)'),
    column('at', 'DATETIME2(7)'),
  ];
  const hindrances = {
    triggers: ['loud', 'a]b'],
    references: [{ table: 'sales.order', to: 'sales.order', name: 'FK_self' }],
  };
  expect(sql.takeStaged({ table: 'sales.order', columns, key: columns.slice(0, 1) }, hindrances)).toEqual([
    'DISABLE TRIGGER [loud] ON [sales].[order]',
    'DISABLE TRIGGER [a]]b] ON [sales].[order]',
    'ALTER TABLE [sales].[order] NOCHECK CONSTRAINT [FK_self]',
    'SET IDENTITY_INSERT [sales].[order] ON; INSERT INTO [sales].[order] ([id], [data], [at]) SELECT CONVERT(INT, k.c0), ' +
      "CONVERT(VARBINARY(max), k.c1), CONVERT(DATETIME2(7), REPLACE(k.c2, N'T', N' '), 121) FROM #audit_trail_rows k; " +
      'SET IDENTITY_INSERT [sales].[order] OFF',
    'DROP TABLE #audit_trail_rows',
    'ALTER TABLE [sales].[order] CHECK CONSTRAINT [FK_self]',
    'ENABLE TRIGGER [loud] ON [sales].[order]',
    'ENABLE TRIGGER [a]]b] ON [sales].[order]',
  ]);
});

it('a foreign key is trusted again only when every row was checked', () => {
  expect(sql.enforce({ table: 'team', to: 'member', name: 'FK_leader' })).toContain(
    'ALTER TABLE [dbo].[team] WITH CHECK CHECK CONSTRAINT [FK_leader] END TRY',
  );
});

it('a table of any name gets its next number', () => {
  expect(sql.restartNumber('note', 41n)).toBe("DBCC CHECKIDENT ('[dbo].[note]', RESEED, 41)");
  expect(sql.restartNumber("größe's", 41n)).toBe("DBCC CHECKIDENT (N'[dbo].[größe''s]', RESEED, 41)");
});
