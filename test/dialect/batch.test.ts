import { describe, expect, it } from 'vitest';
import { batchWithContext } from '../../src/dialect/mssql/batch';
import { auditTableDestroyedBy, batchKind, unrecordedBy } from '../../src/dialect/mssql/statement-kind';

describe('what a batch does', () => {
  it.each([
    ['SELECT * FROM t', 'other'],
    ['  -- INSERT\n SELECT 1', 'write'], // a word too many costs a few bytes
    ['DECLARE @t TABLE (a int); INSERT INTO t OUTPUT INSERTED.a INTO @t VALUES (1); SELECT * FROM @t', 'write'],
    ['WITH x AS (SELECT 1 a) DELETE FROM x', 'write'],
    ['MERGE t USING s ON t.a = s.a WHEN MATCHED THEN UPDATE SET a = 1;', 'write'],
    ['EXEC my_procedure', 'write'],
    ['EXEC sp_executesql @sql', 'write'],
    ['EXEC sp_databases', 'other'],
    [`EXEC sp_rename 't.a', 'b'`, 'ddl'],
    ['BEGIN TRANSACTION', 'other'],
    ['BEGIN TRANSACTION; UPDATE t SET a = 1; COMMIT', 'write'],
    ['SAVE TRANSACTION typeorm_1', 'other'],
    ['ROLLBACK TRANSACTION typeorm_1', 'other'],
    ['CREATE TABLE t (a int)', 'ddl'],
    ['ALTER TABLE t ADD b int', 'ddl'],
    ['DBCC CHECKIDENT (t)', 'other'],
  ])('%s: %s', (sql, kind) => {
    expect(batchKind(sql)).toBe(kind);
  });

  it.each([
    ['DROP TABLE audit_entry', 'audit_entry'],
    ['DROP TABLE IF EXISTS "db"."dbo"."audit_meta"', 'audit_meta'],
    ['TRUNCATE TABLE [dbo].[audit_rollup]', 'audit_rollup'],
    ['ALTER TABLE dbo.audit_context DROP COLUMN actor', 'audit_context'],
    ['ALTER TABLE audit_entry ADD more int', undefined],
    ['DROP TABLE audit_entry_of_mine', undefined],
    ['DROP TABLE other', undefined],
  ])('%s destroys %s', (sql, table) => {
    expect(auditTableDestroyedBy(sql)).toBe(table);
  });

  it.each([
    ['TRUNCATE TABLE "dbo"."captured"', 'TRUNCATE TABLE dbo.captured fires no trigger.'],
    ['TRUNCATE TABLE other', undefined],
    ['DISABLE TRIGGER ALL ON captured', 'DISABLE TRIGGER would end the capture.'],
    ['ALTER TABLE captured DISABLE TRIGGER audit_trail_captured', 'DISABLE TRIGGER would end the capture.'],
    ['DISABLE TRIGGER mine ON captured', undefined],
    [`BULK INSERT captured FROM 'f'`, 'BULK INSERT fires no trigger.'],
    [`BULK INSERT captured FROM 'f' WITH (FIRE_TRIGGERS)`, undefined],
  ])('%s: %s', (sql, problem) => {
    expect(unrecordedBy(sql, (table) => table.endsWith('captured'))).toBe(problem);
  });
});

describe('a batch with its context', () => {
  const context = {
    id: 'i',
    transactionId: 't',
    context: { actor: `O'Neill`, metadata: { a: 1 } },
    source: 'orm',
    isInTransaction: true,
  };

  it('stands in front of the statement, on its line', () => {
    const { sql, parameters } = batchWithContext('UPDATE t\nSET a = 1', 'dbo', context, 1);
    expect(sql.split('\n')[0]).toMatch(/^SET NOCOUNT ON; IF NOT EXISTS .* SET NOCOUNT OFF; UPDATE t$/);
    expect(parameters).toEqual({
      audit_trail_id: 'i',
      audit_trail_transaction_id: 't',
      audit_trail_actor: `O'Neill`,
      audit_trail_reason: null,
      audit_trail_correlation_id: null,
      audit_trail_source: 'orm',
      audit_trail_metadata: '{"a":1}',
    });
    expect(sql).not.toContain('COMMIT TRANSACTION');
  });

  it('is a transaction, where it is not in one', () => {
    const { sql } = batchWithContext('DELETE FROM t', 'dbo', { ...context, isInTransaction: false }, 0);
    expect(sql).toMatch(
      /SET XACT_ABORT ON; BEGIN TRANSACTION; .*DELETE FROM t\n;.*IF @@TRANCOUNT > 0 COMMIT TRANSACTION;$/s,
    );
  });

  it('has no parameter of its own, where the statement has all that there can be', () => {
    const { sql, parameters } = batchWithContext('DELETE FROM t', 'dbo', context, 2092);
    expect(parameters).toEqual({});
    expect(sql).toContain(`N'O''Neill'`);
    expect(Object.keys(batchWithContext('DELETE FROM t', 'dbo', context, 2091).parameters)).toHaveLength(7);
  });

  it('goes on to its end, where the statement would leave it', () => {
    const { sql } = batchWithContext(
      `IF 1 = 1 RETURN; -- return\nSELECT 'return', [RETURN], @return, "return" /* return */; return`,
      'dbo',
      { ...context, isInTransaction: false },
      0,
    );
    expect(sql).toContain(
      `IF 1 = 1 GOTO audit_trail_end; -- return\nSELECT 'return', [RETURN], @return, "return" /* return */; GOTO audit_trail_end\n;` +
        'audit_trail_end: SET NOCOUNT ON;',
    );
    expect(batchWithContext('DELETE FROM t', 'dbo', context, 0).sql).not.toContain('audit_trail_end');
  });
});
