import { describe, expect, it } from 'vitest';
import { type WireMessage, type WireParameter, violationsOf } from './rules';

const captured = (name: readonly string[]) => name.at(-1) === 'note';

function found(sql: string, rest: Partial<WireMessage> = {}): string[] {
  return violationsOf({ kind: 'batch', database: 'app', sql, procedure: '', parameters: [], ...rest }, captured);
}

function parameters(count: number, value: unknown = 1): WireParameter[] {
  return Array.from({ length: count }, (_, index) => ({ name: String(index), type: 'NVarChar', value }));
}

describe('OUTPUT without INTO on a table with triggers', () => {
  it.each([
    ['an insert', 'INSERT INTO "note" ("text") OUTPUT INSERTED."id" VALUES (@0)'],
    ['an insert of defaults', 'INSERT dbo.note OUTPUT inserted.id DEFAULT VALUES'],
    ['an update', 'UPDATE [note] SET [gone] = getdate() OUTPUT INSERTED.[gone] WHERE [id] = @0'],
    ['a delete', 'DELETE TOP (5) FROM app..note OUTPUT deleted.id WHERE id IN (SELECT id INTO_ FROM other)'],
    ['a target by alias', 'UPDATE n SET text = 1 OUTPUT inserted.id FROM dbo.note AS n JOIN other o ON o.id = n.id'],
    [
      'a merge',
      'MERGE INTO note t USING (VALUES (1)) s(id) ON t.id = s.id WHEN MATCHED THEN UPDATE SET text = s.id OUTPUT $action;',
    ],
    ['a second clause beside one with INTO', 'DELETE note OUTPUT deleted.id INTO @t OUTPUT deleted.id WHERE id = 1'],
    ['text that is executed', "EXEC (N'DELETE FROM note OUTPUT deleted.id')"],
    ['what follows something harmless', 'SET NOCOUNT ON; SELECT 1 DELETE note OUTPUT deleted.id'],
  ])('is found in %s', (_name, sql) => {
    expect(found(sql)).toEqual([expect.stringMatching(/^(INSERT|UPDATE|DELETE|MERGE) with OUTPUT .*note.*error 334/)]);
  });

  it.each([
    ['INTO', 'DECLARE @t TABLE (id int); INSERT note (a) OUTPUT inserted.id INTO @t VALUES (1) SELECT id FROM @t'],
    ['an expression with CASE before INTO', 'UPDATE note SET a = 1 OUTPUT CASE WHEN 1 = 1 THEN 2 END INTO @t'],
    ['another table', 'INSERT INTO other OUTPUT inserted.id SELECT id FROM note'],
    [
      'the word in a string, a name or a comment',
      `UPDATE note SET [output] = 'OUTPUT x' /* OUTPUT /* y */ z */ -- OUTPUT`,
    ],
    ['a parameter of a procedure', 'DELETE FROM note; EXEC p @id OUTPUT'],
    [
      'the head of a trigger',
      'CREATE TRIGGER t ON note AFTER INSERT, UPDATE, DELETE AS DECLARE @o int EXEC p @o OUTPUT',
    ],
  ])('is not seen in %s', (_name, sql) => {
    expect(found(sql)).toEqual([]);
  });
});

describe('the number of parameters', () => {
  it('is 2,100 at most, those of sp_executesql itself included', () => {
    const call = { kind: 'rpc', procedure: 'sp_executesql' } as const;
    expect(found('SELECT 1', { ...call, parameters: parameters(2_100) })).toEqual([]);
    expect(found('SELECT 1', { ...call, parameters: parameters(2_101) })).toEqual([
      '2101 parameters, 2100 at most (error 8003)',
    ]);
  });
});

describe('the rows of VALUES', () => {
  const rows = (count: number) => Array.from({ length: count }, () => "(1, f(2), ')')").join(', ');

  it('are 1,000 at most in an INSERT', () => {
    expect(found(`INSERT INTO other (a, b, c) VALUES ${rows(1_000)}`)).toEqual([]);
    expect(found(`INSERT INTO other (a, b, c) OUTPUT inserted.a VALUES ${rows(1_001)}; SELECT 1`)).toEqual([
      '1001 rows in VALUES for other, 1000 at most (error 10738)',
    ]);
  });

  it('are not limited in a derived table', () => {
    expect(found(`INSERT INTO other SELECT a FROM (VALUES ${rows(1_001)}) v(a, b, c)`)).toEqual([]);
  });
});

describe('a session context value', () => {
  const tooLong = ['a session context value of 8002 bytes, 8000 at most'];
  const set = 'EXEC sys.sp_set_session_context';

  it.each([
    ['a literal', `${set} N'audit', N'${'x'.repeat(4_001)}'; INSERT INTO t VALUES (1)`, {}],
    ['a named literal', `${set} @key = N'audit', @value = '${'é'.repeat(4_001)}', @read_only = 0`, {}],
    ['a parameter', `${set} N'audit', @0; SELECT 1`, { parameters: parameters(1, 'x'.repeat(4_001)) }],
    ['a binary parameter', `${set} N'audit', @0`, { parameters: parameters(1, Buffer.alloc(8_002)) }],
    [
      'a call by name',
      '',
      {
        procedure: 'sp_set_session_context',
        parameters: [
          { name: 'key', type: 'NVarChar', value: 'audit' },
          { name: 'value', type: 'NVarChar', value: 'x'.repeat(4_001) },
        ],
      },
    ],
  ])('is too long as %s', (_name, sql, rest) => {
    expect(found(sql, rest)).toEqual(tooLong);
  });

  it('may have 8,000 bytes', () => {
    expect(found(`${set} N'audit', N'${'x'.repeat(4_000)}'`)).toEqual([]);
    expect(found(`${set} N'audit', @0`, { parameters: parameters(1, 'x'.repeat(4_000)) })).toEqual([]);
    expect(found(`${set} N'audit', NULL`, { parameters: parameters(1, 'x'.repeat(4_001)) })).toEqual([]);
  });
});

describe('CREATE', () => {
  it.each(['TRIGGER', 'PROCEDURE', 'VIEW', 'SCHEMA', 'FUNCTION'])('of a %s is first in its batch', (what) => {
    expect(found(`/* why */ CREATE ${what} x AS SELECT 1`)).toEqual([]);
    expect(found(`EXEC (N'CREATE ${what} x AS SELECT 1')`)).toEqual([]);
    const message = `CREATE ${what} is not the first statement of its batch (error 111)`;
    expect(found(`SET NOCOUNT ON; CREATE ${what} x AS SELECT 1`)).toEqual([message]);
    expect(found(`SET NOCOUNT ON CREATE OR ALTER ${what} x AS SELECT 1`)).toEqual([message]);
    expect(found(`EXEC sp_executesql N'SELECT 1 CREATE ${what} x AS SELECT 1'`)).toEqual([message]);
  });

  it('of a table may stand anywhere', () => {
    expect(found('SELECT 1 CREATE TABLE t (a int) CREATE INDEX i ON t (a)')).toEqual([]);
  });
});
