import { queries, rawTable } from '../model/raw-table';
import { failing, type Model, PathList } from '../write-path';

/** Triggers that applications have on the very tables that are audited. Counters stand for clocks: runs must be equal. */
const model: Model = {
  name: 'user triggers',
  entities: [
    rawTable('doc', { columns: { id: 'integer', title: 'text', touched: 'integer' } }),
    rawTable('account', { columns: { id: 'integer', balance: 'integer' } }),
    rawTable('account_log', { columns: { id: 'integer', account: 'integer', text: 'text' } }),
    rawTable('memo', { columns: { id: 'integer', body: 'text', touches: 'integer' } }),
    rawTable('page', { columns: { id: 'integer', title: 'text', slug: 'text' } }),
    rawTable('phoenix', { columns: { id: 'integer', lives: 'integer' } }),
    rawTable('guarded', { columns: { id: 'integer', value: 'integer' } }),
    rawTable('pick', { columns: { id: 'integer', value: 'integer' } }),
  ],
  setup: [
    `CREATE TABLE doc (id INTEGER PRIMARY KEY, title TEXT UNIQUE, touched INTEGER NOT NULL DEFAULT 0)`,
    `CREATE TRIGGER doc_touch AFTER UPDATE ON doc BEGIN UPDATE doc SET touched = touched + 1 WHERE id = NEW.id; END`,
    `INSERT INTO doc (id, title) VALUES (1, 'a'), (2, 'b'), (3, 'c')`,
    `CREATE TABLE account (id INTEGER PRIMARY KEY, balance INTEGER)`,
    `CREATE TABLE account_log (id INTEGER PRIMARY KEY AUTOINCREMENT, account INTEGER, text TEXT)`,
    `CREATE TRIGGER account_i AFTER INSERT ON account BEGIN INSERT INTO account_log (account, text) VALUES (NEW.id, 'new'); END`,
    `CREATE TRIGGER account_u BEFORE UPDATE ON account BEGIN INSERT INTO account_log (account, text) VALUES (NEW.id, OLD.balance || ' to ' || NEW.balance); END`,
    `CREATE TRIGGER account_d BEFORE DELETE ON account BEGIN DELETE FROM account_log WHERE account = OLD.id; END`,
    `INSERT INTO account VALUES (1, 10), (2, 20)`,
    `CREATE VIEW account_view AS SELECT id, balance FROM account`,
    `CREATE TRIGGER account_v INSTEAD OF INSERT ON account_view BEGIN INSERT INTO account VALUES (NEW.id, NEW.balance); END`,
    `CREATE TABLE memo (id INTEGER PRIMARY KEY, body TEXT, touches INTEGER NOT NULL DEFAULT 0)`,
    `CREATE TRIGGER memo_b BEFORE UPDATE OF body ON memo BEGIN UPDATE memo SET touches = touches + 1 WHERE id = OLD.id; END`,
    `INSERT INTO memo (id, body) VALUES (1, 'a'), (2, 'b')`,
    `CREATE TABLE page (id INTEGER PRIMARY KEY, title TEXT, slug TEXT)`,
    `CREATE TRIGGER page_i AFTER INSERT ON page BEGIN UPDATE page SET slug = lower(NEW.title) WHERE id = NEW.id; END`,
    `CREATE TABLE phoenix (id INTEGER PRIMARY KEY, lives INTEGER)`,
    `CREATE TRIGGER phoenix_d AFTER DELETE ON phoenix BEGIN INSERT INTO phoenix VALUES (OLD.id, OLD.lives + 1); END`,
    `INSERT INTO phoenix VALUES (1, 1)`,
    `CREATE TABLE guarded (id INTEGER PRIMARY KEY, value INTEGER)`,
    `CREATE TRIGGER guarded_ignore BEFORE UPDATE ON guarded WHEN NEW.value = 0 BEGIN SELECT RAISE(IGNORE); END`,
    `CREATE TRIGGER guarded_abort BEFORE UPDATE ON guarded WHEN NEW.value = -1 BEGIN SELECT RAISE(ABORT, 'no'); END`,
    `CREATE TRIGGER guarded_fail AFTER UPDATE ON guarded WHEN NEW.value = 102 BEGIN SELECT RAISE(FAIL, 'no'); END`,
    `CREATE TRIGGER guarded_rollback AFTER UPDATE ON guarded WHEN NEW.value = -2 BEGIN SELECT RAISE(ROLLBACK, 'no'); END`,
    `INSERT INTO guarded VALUES (1, 1), (2, 2), (3, 3)`,
    `CREATE TABLE pick (id INTEGER PRIMARY KEY, value INTEGER)`,
    `CREATE TRIGGER pick_i AFTER INSERT ON pick BEGIN DELETE FROM pick WHERE id = NEW.id AND NEW.value < 0; END`,
  ],
};

export const userTriggerPaths = new PathList(model)
  .add('AFTER UPDATE trigger sets updated_at', {
    changes: 'doc.U×4',
    run: (app) => queries(app, `UPDATE doc SET title = title || '!' WHERE id < 3`),
  })
  .add('the same, and the statement changes nothing itself', {
    changes: 'doc.U',
    run: (app) => queries(app, `UPDATE doc SET title = title WHERE id = 1`),
  })
  .add('updated_at trigger, and the word replace in the statement', {
    changes: 'doc.U×2',
    run: (app) => queries(app, `UPDATE doc SET title = replace(title, 'a', 'z') WHERE id = 1`),
  })
  .add('AFTER INSERT trigger writes another table', {
    changes: 'account.I, account_log.I',
    run: (app) => queries(app, `INSERT INTO account VALUES (3, 30)`),
  })
  .add('BEFORE UPDATE trigger writes another table', {
    changes: 'account.U×2, account_log.I×2',
    run: (app) => queries(app, `UPDATE account SET balance = balance * 2`),
  })
  .add('BEFORE DELETE trigger deletes from another table', {
    changes: 'account.D, account_log.D',
    run: (app) => queries(app, `DELETE FROM account WHERE id = 1`),
  })
  .add('INSTEAD OF trigger of a view', {
    changes: 'account.I, account_log.I',
    run: (app) => queries(app, `INSERT INTO account_view VALUES (3, 30)`),
  })
  .add('BEFORE UPDATE trigger updates the same row', {
    changes: 'memo.U×2',
    run: (app) => queries(app, `UPDATE memo SET body = 'z' WHERE id = 1`),
    // SQLite has read OLD before the trigger runs, and calls the result undefined.
    warning: /BEFORE trigger "memo_b" changes its own table "memo"/,
  })
  .add('AFTER INSERT trigger updates the same row', {
    changes: 'page.I×2, page.U×2',
    run: (app) => queries(app, `INSERT INTO page (id, title) VALUES (1, 'One'), (2, 'Two')`),
  })
  .add('AFTER DELETE trigger puts the row back', {
    changes: 'phoenix.D, phoenix.I',
    run: (app) => queries(app, `DELETE FROM phoenix`),
  })
  .add('AFTER INSERT trigger deletes the row', {
    changes: 'pick.I×2, pick.D',
    run: (app) => queries(app, `INSERT INTO pick VALUES (1, 1), (2, -1)`),
  })
  .add('RAISE(IGNORE)', { changes: 'none', run: (app) => queries(app, `UPDATE guarded SET value = 0`) })
  .add('RAISE(ABORT) in the middle', {
    changes: 'none',
    run: (app) => failing(() => queries(app, `UPDATE guarded SET value = CASE id WHEN 2 THEN -1 ELSE 9 END`)),
  })
  .add('RAISE(FAIL) in the middle keeps what came before', {
    changes: 'guarded.U×2',
    run: (app) => failing(() => queries(app, `UPDATE guarded SET value = value + 100`)),
  })
  .add('RAISE(ROLLBACK) of a statement on its own', {
    changes: 'guarded.U',
    run: async (app) => {
      await failing(() => queries(app, `UPDATE guarded SET value = -2 WHERE id = 3`));
      await queries(app, `UPDATE guarded SET value = 7 WHERE id = 1`);
    },
  })
  .add('RAISE(ROLLBACK) in a transaction', {
    changes: 'guarded.U',
    run: async (app) => {
      await failing(() =>
        app.manager.transaction(async (inside) => {
          await inside.query(`UPDATE guarded SET value = 50`);
          await inside.query(`UPDATE guarded SET value = -2 WHERE id = 3`);
        }),
      );
      await queries(app, `UPDATE guarded SET value = 7 WHERE id = 1`);
    },
    truth: 'none', // the stock driver loses count of its transaction
  }).paths;
