import { queries, rawTable } from '../model/raw-table';
import { failing, type Model, PathList } from '../write-path';

const columns = { id: 'integer', code: 'text', value: 'integer' } as const;

const table = (name: string): string[] => [
  `CREATE TABLE ${name} (id INTEGER PRIMARY KEY, code TEXT UNIQUE, value INTEGER NOT NULL DEFAULT 0)`,
  `INSERT INTO ${name} (id, code) VALUES (1, 'a'), (2, 'b'), (3, 'c')`,
];

const model: Model = {
  name: 'conflict clauses',
  entities: [
    rawTable('bare', { columns }),
    rawTable('touched', { columns }),
    rawTable('ledger', { columns }),
    rawTable('ledger_log', { columns: { id: 'integer', was: 'text' } }),
    rawTable('child', { columns: { id: 'integer', bare_id: 'integer' } }),
    rawTable('sale', { columns: { id: 'integer', product: 'text', amount: 'integer' } }),
    rawTable('total', { key: ['product'], columns: { product: 'text', amount: 'integer' } }),
  ],
  setup: [
    ...table('bare'),
    ...table('touched'),
    `CREATE TRIGGER touch AFTER UPDATE ON touched BEGIN UPDATE touched SET value = value + 1 WHERE id = NEW.id; END`,
    ...table('ledger'),
    `CREATE TABLE ledger_log (id INTEGER PRIMARY KEY, was TEXT)`,
    // Without recursive_triggers, which is the default, REPLACE does not fire it.
    `CREATE TRIGGER ledger_d AFTER DELETE ON ledger BEGIN INSERT INTO ledger_log (was) VALUES (OLD.code); END`,
    `CREATE TABLE child (id INTEGER PRIMARY KEY, bare_id INTEGER REFERENCES bare (id) ON DELETE CASCADE)`,
    `INSERT INTO child VALUES (1, 1), (2, 2)`,
    `CREATE TABLE sale (id INTEGER PRIMARY KEY, product TEXT, amount INTEGER)`,
    `CREATE TABLE total (product TEXT PRIMARY KEY, amount INTEGER)`,
    `CREATE TRIGGER sale_i AFTER INSERT ON sale BEGIN
      INSERT OR REPLACE INTO total VALUES (NEW.product, NEW.amount + coalesce((SELECT amount FROM total WHERE product = NEW.product), 0));
    END`,
    `INSERT INTO sale VALUES (1, 'tea', 5)`,
  ],
};

const threeRows = `(10, 'x', 1), (11, 'b', 2), (12, 'y', 3)`;
/** REPLACE's deletes fire no trigger of the suite's, so that only the rows can be confirmed. */
const truth = 'rows';

export const conflictClausePaths = new PathList(model)
  .add('INSERT OR IGNORE', {
    changes: 'bare.I×2',
    run: (app) => queries(app, `INSERT OR IGNORE INTO bare VALUES ${threeRows}`),
  })
  .add('INSERT OR FAIL keeps the rows before', {
    changes: 'bare.I',
    run: (app) => failing(() => queries(app, `INSERT OR FAIL INTO bare VALUES ${threeRows}`)),
  })
  .add('INSERT OR FAIL caught in a transaction', {
    changes: 'bare.I×2, bare.D',
    run: ({ manager }) =>
      manager.transaction(async (inside) => {
        await inside.query(`INSERT INTO bare VALUES (20, 'first', 0)`);
        await failing(() => inside.query(`INSERT OR FAIL INTO bare VALUES ${threeRows}`));
        await inside.query(`DELETE FROM bare WHERE id = 3`);
      }),
  })
  .add('INSERT OR ROLLBACK on its own', {
    changes: 'none',
    run: (app) => failing(() => queries(app, `INSERT OR ROLLBACK INTO bare VALUES ${threeRows}`)),
  })
  .add('INSERT OR ROLLBACK in a transaction', {
    changes: 'bare.U',
    run: async (app) => {
      await failing(() =>
        app.manager.transaction(async (inside) => {
          await inside.query(`DELETE FROM bare WHERE id = 3`);
          await inside.query(`INSERT OR ROLLBACK INTO bare VALUES ${threeRows}`);
        }),
      );
      await queries(app, `UPDATE bare SET value = 1 WHERE id = 1`);
    },
    truth: 'none', // the stock driver loses count of its transaction
  })
  .add('INSERT OR ROLLBACK in a nested transaction', {
    changes: 'bare.U',
    run: async (app) => {
      await failing(() =>
        app.manager.transaction(async (outer) => {
          await outer.query(`DELETE FROM bare WHERE id = 3`);
          await failing(() =>
            outer.transaction((inner) => inner.query(`INSERT OR ROLLBACK INTO bare VALUES ${threeRows}`)),
          );
          await outer.query(`DELETE FROM bare WHERE id = 2`);
        }),
      );
      await queries(app, `UPDATE bare SET value = 1 WHERE id = 1`);
    },
    truth: 'none', // the stock driver loses count of its transaction
  })
  .add('UPDATE OR IGNORE', {
    changes: 'bare.U',
    run: (app) => queries(app, `UPDATE OR IGNORE bare SET code = CASE id WHEN 1 THEN 'b' ELSE 'z' END WHERE id < 3`),
  })
  .add('UPDATE OR FAIL keeps the rows before', {
    changes: 'bare.U',
    run: (app) => failing(() => queries(app, `UPDATE OR FAIL bare SET code = 'z'`)),
  })
  .add('OR IGNORE with an updated_at trigger', {
    changes: 'touched.I×2, touched.U×2',
    run: (app) =>
      queries(
        app,
        `INSERT OR IGNORE INTO touched VALUES ${threeRows}`,
        `UPDATE OR IGNORE touched SET code = 'z' WHERE id = 1`,
      ),
  })
  .add('INSERT OR REPLACE', {
    changes: 'bare.D, bare.I, child.D',
    run: (app) => queries(app, `REPLACE INTO bare VALUES (1, 'new', 5)`),
    truth,
  })
  .add('INSERT OR REPLACE removes two rows', {
    changes: 'bare.D×2, bare.I, child.D×2',
    run: (app) => queries(app, `INSERT OR REPLACE INTO bare VALUES (1, 'b', 5)`),
    truth,
  })
  .add('INSERT OR REPLACE by the same row', {
    changes: 'touched.D, touched.I',
    run: (app) => queries(app, `REPLACE INTO touched VALUES (1, 'a', 0)`),
    truth,
  })
  .add('UPDATE OR REPLACE', {
    changes: 'bare.D, bare.U, child.D',
    run: (app) => queries(app, `UPDATE OR REPLACE bare SET code = 'a' WHERE id = 2`),
    truth,
  })
  .add('INSERT OR REPLACE with an updated_at trigger', {
    changes: 'touched.D, touched.I',
    run: (app) => queries(app, `INSERT OR REPLACE INTO touched VALUES (1, 'new', 5)`),
    truth,
  })
  .add('UPDATE OR REPLACE with an updated_at trigger', {
    changes: 'touched.D, touched.U×2',
    run: (app) => queries(app, `UPDATE OR REPLACE touched SET code = 'a' WHERE id = 2`),
    truth,
  })
  .add('INSERT OR REPLACE with a delete trigger of the user', {
    changes: 'ledger.D, ledger.I',
    run: (app) => queries(app, `INSERT OR REPLACE INTO ledger VALUES (1, 'new', 5)`),
    truth,
  })
  .add('INSERT OR REPLACE inside a trigger of the user', {
    changes: 'sale.I, total.D, total.I',
    run: (app) => queries(app, `INSERT INTO sale VALUES (2, 'tea', 7)`),
    truth,
  })
  .add('upsert in SQL', {
    changes: 'touched.I, touched.U×2',
    run: (app) =>
      queries(
        app,
        `INSERT INTO touched VALUES (9, 'n', 1), (8, 'a', 2) ON CONFLICT (code) DO UPDATE SET value = excluded.value`,
      ),
  })
  .add('upsert in SQL that does nothing', {
    changes: 'bare.I',
    run: (app) => queries(app, `INSERT INTO bare VALUES (9, 'n', 1), (8, 'a', 2) ON CONFLICT DO NOTHING`),
  }).paths;
