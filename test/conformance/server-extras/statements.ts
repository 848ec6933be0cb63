import { StatementPaths, table } from './table';

/** Seen once: whether it was their doing was not found out. */
const tablesOfABatch = 'a batch with a table of its own was the last before the server ended all sessions';
const two = [`INSERT INTO item (word, n) VALUES ('a', 1), ('b', 2)`];
const pairs = [`INSERT INTO pair VALUES (1, 'x', 'one'), (2, 'x', 'two'), (3, 'y', NULL)`];

export const statementPaths = new StatementPaths({
  name: 'statements',
  entities: [
    table('item', 'id int!, word nvarchar, n int'),
    table('pair', 'a int!, b nvarchar!, v nvarchar'),
    table('counted', 'id int!, n int'),
    table('loose', 'a int!, b nvarchar'),
    table('word', 'text nvarchar!, n int'),
  ],
  setup: [
    'CREATE TABLE item (id int IDENTITY PRIMARY KEY, word nvarchar(20) UNIQUE, n int CHECK (n < 1000))',
    'CREATE TABLE pair (a int NOT NULL, b nvarchar(10) NOT NULL, v nvarchar(10), PRIMARY KEY (a, b))',
    'CREATE TABLE counted (id int PRIMARY KEY, n int NOT NULL)',
    'CREATE TABLE loose (a int, b nvarchar(10))',
    'CREATE TABLE word (text nvarchar(20) COLLATE Latin1_General_CI_AS PRIMARY KEY, n int)',
    `CREATE PROCEDURE add_items @count int AS
      BEGIN WHILE @count > 0 BEGIN INSERT INTO item (word, n) VALUES (CONCAT('p', @count), @count); SET @count = @count - 1; END END`,
  ],
})
  .add(
    'a column set to its own value',
    'none',
    ['UPDATE item SET word = word, n = n + 0', 'UPDATE item SET n = n WHERE 1 = 0'],
    {
      before: two,
    },
  )
  .add('some of the rows changed', 'item.U', [`UPDATE item SET n = 2`], { before: two })
  .add(
    'an insert, updates and a delete of one row in one transaction',
    'item.I, item.U×3, item.D',
    [
      `INSERT INTO item (word, n) VALUES ('c', 3)`,
      ...[1, 2, 3].map((n) => `UPDATE item SET n = n + ${n} WHERE word = 'c'`),
      `DELETE FROM item WHERE word = 'c'`,
    ],
    { before: two, together: true },
  )
  .add(
    'one row back and forth',
    'item.U×4',
    ['0', '1', '0', '1'].map((n) => `UPDATE item SET n = ${n} WHERE word = 'a'`),
    {
      before: two,
    },
  )
  .add('the key of one row', 'pair.U', [`UPDATE pair SET a = 9, v = 'moved' WHERE a = 1`], { before: pairs })
  .add('the keys of several rows: each went, and came', 'pair.D×3, pair.I×3', ['UPDATE pair SET a = a + 10'], {
    before: pairs,
    truth: 'rows',
  })
  .add('two rows that change keys', 'pair.U×2', [`UPDATE pair SET a = 3 - a WHERE b = 'x'`], {
    before: pairs,
    // Under their keys they have got other values.
    needs: 'it checks unique keys row by row',
  })
  .add('a key that changes in its case alone, of several rows', 'word.U×2', [`UPDATE word SET text = UPPER(text)`], {
    before: [`INSERT INTO word VALUES ('anna', 1), ('bo', 2)`],
  })
  .add('a key that gets a blank', 'word.U', [`UPDATE word SET text = text + ' ' WHERE text = 'anna'`], {
    before: [`INSERT INTO word VALUES ('anna', 1), ('bo', 2)`],
  })
  .add('a table without a key: one row', 'loose.U', [`UPDATE loose SET b = 'y' WHERE a = 1`], {
    before: [`INSERT INTO loose VALUES (1, 'x'), (2, NULL), (2, 'z'), (2, 'z')`],
    warning: /"loose" has no primary key/,
  })
  .add(
    'a table without a key: several rows, some of them alike',
    'loose.D×3, loose.I×3',
    [`UPDATE loose SET b = 'y' WHERE a = 2`],
    {
      before: [`INSERT INTO loose VALUES (1, 'x'), (2, NULL), (2, 'z'), (2, 'z')`],
      warning: /"loose" has no primary key/,
      truth: 'rows',
    },
  )
  .add(
    'INSERT … SELECT of itself, DELETE TOP, UPDATE TOP',
    'item.I×2, item.D, item.U',
    [
      `INSERT INTO item (word, n) SELECT word + '2', n FROM item`,
      `DELETE TOP (1) FROM item WHERE word = 'a'`,
      `UPDATE TOP (1) item SET n = 77 WHERE word = 'b'`,
    ],
    { before: two },
  )
  .add(
    'OUTPUT INTO a table variable, and from there into a table',
    'item.D×2, counted.I×2',
    [
      `DECLARE @gone TABLE (id int, n int); DELETE FROM item OUTPUT deleted.id, deleted.n INTO @gone;
      INSERT INTO counted SELECT id, n FROM @gone`,
    ],
    { before: two, needs: tablesOfABatch },
  )
  .add('a procedure that writes', 'item.I×3', ['EXEC add_items 3'])
  .add(
    'MERGE',
    'item.U, item.I, item.D',
    [
      `MERGE item t USING (VALUES ('a', 10), ('c', 30)) s (word, n) ON t.word = s.word
      WHEN MATCHED THEN UPDATE SET n = s.n WHEN NOT MATCHED THEN INSERT (word, n) VALUES (s.word, s.n)
      WHEN NOT MATCHED BY SOURCE THEN DELETE;`,
    ],
    { before: two, needs: 'it has no MERGE' },
  )
  .addFailing('a constraint that fails in the middle of a bulk update', 'UPDATE item SET n = n * 600', { before: two })
  .addFailing(
    'a constraint that fails in the middle of a bulk insert',
    `INSERT INTO item (word, n) VALUES ('c', 1), ('a', 2)`,
    {
      before: two,
    },
  )
  .addFailing(
    'a batch whose last statement fails',
    `INSERT INTO counted VALUES (1, 1); INSERT INTO counted VALUES (1, 1)`,
    {
      // Without the library the first statement stands.
      truth: 'none',
    },
  )
  .add(
    'a savepoint of SQL',
    'item.I',
    [
      `INSERT INTO item (word, n) VALUES ('kept', 1)`,
      'SAVE TRANSACTION here',
      `INSERT INTO item (word, n) VALUES ('undone', 1)`,
      'ROLLBACK TRANSACTION here',
    ],
    { together: true },
  )
  .add('a transaction within a batch', 'counted.I×2', [
    'BEGIN TRANSACTION; INSERT INTO counted VALUES (1, 1); INSERT INTO counted VALUES (2, 2); COMMIT TRANSACTION',
  ])
  .add('a thousand rows in one statement', 'counted.I×1000, counted.U×1000, counted.D×1000', [
    `INSERT INTO counted SELECT TOP (1000) ROW_NUMBER() OVER (ORDER BY (SELECT 1)), 0 FROM sys.all_columns a CROSS JOIN sys.all_columns b`,
    'UPDATE counted SET n = id',
    'DELETE FROM counted',
  ])
  .add(
    'a temporary table beside them',
    'counted.I',
    [
      `CREATE TABLE #t (id int, n int); INSERT INTO #t VALUES (1, 2); INSERT INTO counted SELECT id, n FROM #t; UPDATE #t SET n = 9; DROP TABLE #t`,
    ],
    { needs: tablesOfABatch },
  ).paths;
