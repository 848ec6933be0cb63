import { StatementPaths, table } from './table';

const order = 'it has no sp_settriggerorder: triggers fire in the order of their names';

export const userTriggerPaths = new StatementPaths({
  name: 'user triggers',
  entities: [
    table('doc', 'id int!, body nvarchar, updated_at datetime2'),
    table('doc_history', 'id int!, doc int, body nvarchar'),
    table('guarded', 'id int!, n int'),
    table('routed', 'id int!, n int'),
    table('early', 'id int!, n int, seen int'),
    table('chain', 'id int!, n int'),
  ],
  setup: [
    'CREATE TABLE doc (id int IDENTITY PRIMARY KEY, body nvarchar(50), updated_at datetime2(3))',
    'CREATE TABLE doc_history (id int IDENTITY PRIMARY KEY, doc int, body nvarchar(50))',
    'CREATE TABLE guarded (id int PRIMARY KEY, n int)',
    'CREATE TABLE routed (id int PRIMARY KEY, n int)',
    'CREATE TABLE early (id int PRIMARY KEY, n int, seen int)',
    'CREATE TABLE chain (id int PRIMARY KEY, n int)',
    `CREATE TRIGGER doc_touch ON doc AFTER UPDATE AS
      IF UPDATE(body) UPDATE d SET updated_at = SYSUTCDATETIME() FROM doc d JOIN inserted i ON i.id = d.id`,
    `CREATE TRIGGER doc_write_history ON doc AFTER UPDATE, DELETE AS
      IF UPDATE(body) OR NOT EXISTS (SELECT 1 FROM inserted) INSERT INTO doc_history (doc, body) SELECT id, body FROM deleted`,
    `CREATE TRIGGER guarded_limit ON guarded AFTER INSERT, UPDATE AS
      IF EXISTS (SELECT 1 FROM inserted WHERE n > 100) THROW 50001, 'too many', 1`,
    `CREATE TRIGGER routed_instead ON routed INSTEAD OF INSERT AS
      INSERT INTO routed (id, n) SELECT id + 1000, n * 2 FROM inserted WHERE n IS NOT NULL`,
    `CREATE TRIGGER a_first_by_name ON early AFTER INSERT AS
      UPDATE e SET seen = 1 FROM early e JOIN inserted i ON i.id = e.id`,
    `CREATE TRIGGER chain_down ON chain AFTER UPDATE AS
      IF EXISTS (SELECT 1 FROM inserted WHERE n > 0 AND id < 3) UPDATE c SET n = i.n - 1 FROM chain c JOIN inserted i ON c.id = i.id + 1`,
  ],
})
  .add(
    'a trigger that dates its own rows, and one that writes another table',
    'doc.U×4, doc_history.I×2',
    [`UPDATE doc SET body = body + '!'`],
    { before: [`INSERT INTO doc (body) VALUES ('one'), ('two')`] },
  )
  .add(
    'the same within a transaction, with a delete',
    'doc.U×2, doc_history.I×2, doc.D',
    [`UPDATE doc SET body = 'new' WHERE body = 'one'`, `DELETE FROM doc WHERE body = 'new'`],
    { before: [`INSERT INTO doc (body) VALUES ('one'), ('two')`], together: true },
  )
  .add('a trigger that has nothing to do', 'none', [`UPDATE doc SET body = body`], { before: [] })
  .addFailing('a trigger that throws', 'INSERT INTO guarded VALUES (1, 5), (2, 500)', { error: /too many/ })
  .add('an INSTEAD OF trigger: what came of it, not what was asked', 'routed.I×2', [
    'INSERT INTO routed VALUES (1, 1), (2, NULL), (3, 3)',
  ])
  .add(
    'a trigger whose name comes first writes after the record was made',
    'early.I, early.U',
    ['INSERT INTO early VALUES (1, 7, 0)'],
    {
      needs: order,
    },
  )
  .add('a trigger that sets off itself by the next row', 'chain.U×3', ['UPDATE chain SET n = 5 WHERE id = 1'], {
    before: ['ALTER DATABASE CURRENT SET RECURSIVE_TRIGGERS ON', 'INSERT INTO chain VALUES (1, 0), (2, 0), (3, 0)'],
    needs: 'it has no ALTER DATABASE … SET RECURSIVE_TRIGGERS',
  }).paths;
