import { queries, rawTable } from '../model/raw-table';
import { type App, failing, type Model, PathList } from '../write-path';

const model: Model = {
  name: 'statements',
  entities: [rawTable('item', { columns: { id: 'integer', code: 'text', qty: 'integer' } })],
  setup: [
    `CREATE TABLE item (id INTEGER PRIMARY KEY, code TEXT UNIQUE, qty INTEGER CHECK (qty < 1000))`,
    `INSERT INTO item VALUES (1, 'a', 1), (2, 'b', 2), (3, 'c', NULL)`,
  ],
};

const inTransaction = ({ manager }: App, ...statements: string[]): Promise<void> =>
  manager.transaction((inside) => queries({ manager: inside }, ...statements));

const manyRows = `WITH RECURSIVE n(i) AS (SELECT 10 UNION ALL SELECT i + 1 FROM n WHERE i < 1009)`;

export const statementPaths = new PathList(model)
  .add('bulk UPDATE that fails in the middle', {
    changes: 'none',
    run: (app) => failing(() => queries(app, `UPDATE item SET code = 'z'`)),
  })
  .add('bulk INSERT that fails in the middle, caught in a transaction', {
    changes: 'item.I, item.D',
    run: ({ manager }) =>
      manager.transaction(async (inside) => {
        await inside.query(`INSERT INTO item VALUES (4, 'd', 4)`);
        await failing(() => inside.query(`INSERT INTO item VALUES (5, 'e', 5), (6, 'f', 1000)`));
        await inside.query(`DELETE FROM item WHERE id = 1`);
      }),
  })
  .add('an update to the same values', {
    changes: 'none',
    run: (app) => queries(app, `UPDATE item SET code = code, qty = qty + 0, id = id`),
  })
  .add('a change to NULL and back', {
    changes: 'item.U×2',
    run: (app) =>
      queries(app, `UPDATE item SET qty = NULL WHERE id < 3 AND id > 1`, `UPDATE item SET qty = 2 WHERE id = 2`),
  })
  .add('a key that changes', {
    changes: 'item.U×3',
    run: (app) => queries(app, `UPDATE item SET id = -id`),
  })
  .add('keys that change places', {
    changes: 'item.U×3',
    run: (app) =>
      inTransaction(
        app,
        `UPDATE item SET id = 99 WHERE id = 1`,
        `UPDATE item SET id = 1 WHERE id = 2`,
        `UPDATE item SET id = 2 WHERE id = 99`,
      ),
  })
  .add('a row inserted and deleted in one transaction', {
    changes: 'item.I, item.D',
    run: (app) => inTransaction(app, `INSERT INTO item VALUES (9, 'x', 9)`, `DELETE FROM item WHERE id = 9`),
  })
  .add('a row deleted and inserted again', {
    changes: 'item.D, item.I, item.U',
    run: (app) =>
      inTransaction(
        app,
        `DELETE FROM item WHERE id = 1`,
        `INSERT INTO item VALUES (1, 'a', 2)`,
        `UPDATE item SET qty = 1 WHERE id = 1`,
      ),
  })
  .add('one row changed 120 times in one transaction', {
    changes: 'item.U×120',
    run: (app) =>
      inTransaction(app, ...Array.from({ length: 120 }, (_, i) => `UPDATE item SET qty = ${i + 100} WHERE id = 1`)),
  })
  .add('1,000 rows in one statement', {
    changes: 'item.I×1000, item.U×1000, item.D×1003',
    run: (app) =>
      queries(
        app,
        `${manyRows} INSERT INTO item SELECT i, 'code ' || i, i % 10 FROM n`,
        `UPDATE item SET qty = qty + 1 WHERE id >= 10`,
        `DELETE FROM item`,
      ),
  })
  .add('WITH … UPDATE, UPDATE FROM, WITH … DELETE', {
    changes: 'item.U×3, item.D',
    run: (app) =>
      queries(
        app,
        `WITH low AS (SELECT id FROM item WHERE qty = 1) UPDATE item SET qty = 10 WHERE id IN low`,
        `UPDATE item SET qty = source.qty FROM (SELECT 2 AS id, 20 AS qty UNION ALL SELECT 3, 30) AS source WHERE source.id = item.id`,
        `WITH high AS (SELECT id FROM item WHERE qty = 30) DELETE FROM item WHERE id IN high`,
      ),
  })
  .add('INSERT, UPDATE and DELETE with RETURNING', {
    changes: 'item.I, item.U×4, item.D×4',
    run: (app) =>
      queries(
        app,
        `INSERT INTO item VALUES (4, 'd', 4) RETURNING *`,
        `UPDATE item SET qty = coalesce(qty, 0) + 1 RETURNING id`,
        `DELETE FROM item RETURNING id`,
      ),
  })
  .add('statements behind comments and semicolons', {
    changes: 'item.U×3',
    run: (app) =>
      queries(
        app,
        `/* a comment; UPDATE */ UPDATE item SET qty = 50 WHERE id = 1`,
        `-- a comment\n  update item set qty = 51 where id = 1`,
        `;\n/**/UPDATE/**/item SET qty = 52 WHERE id = 1`,
      ),
  })
  .add('statements that only look like writes', {
    changes: 'none',
    run: (app) =>
      queries(
        app,
        `SELECT 'UPDATE item SET qty = 1'`,
        `EXPLAIN UPDATE item SET qty = 50`,
        `EXPLAIN QUERY PLAN DELETE FROM item`,
        `WITH word AS (SELECT 'DELETE' AS w) SELECT * FROM word`,
        `VALUES (1), (2)`,
      ),
  })
  .add('BEGIN and COMMIT as raw SQL', {
    changes: 'item.U×2',
    run: async ({ dataSource }) => {
      const runner = dataSource.createQueryRunner();
      for (const end of ['COMMIT', 'ROLLBACK', 'END TRANSACTION']) {
        await runner.query('BEGIN');
        await runner.query(`UPDATE item SET qty = coalesce(qty, 0) + 1 WHERE id = 1`);
        await runner.query(end);
      }
      await runner.release();
    },
  })
  .add('savepoints as raw SQL', {
    changes: 'item.U×2',
    run: async ({ dataSource }) => {
      const runner = dataSource.createQueryRunner();
      await runner.startTransaction();
      await runner.query(`UPDATE item SET qty = 10 WHERE id = 1`);
      await runner.query('SAVEPOINT one');
      await runner.query(`UPDATE item SET qty = 11`);
      await runner.query('ROLLBACK TO one');
      await runner.query(`UPDATE item SET qty = 12 WHERE id = 1`);
      await runner.query('RELEASE one');
      await runner.commitTransaction();
      await runner.release();
    },
  })
  .add('SAVEPOINT outside a transaction: refused, nothing done', {
    changes: 'item.U',
    run: async ({ dataSource, manager }) => {
      const runner = dataSource.createQueryRunner();
      await failing(() => runner.query('SAVEPOINT whole'));
      await runner.release();
      await manager.query(`UPDATE item SET qty = 7 WHERE id = 1`);
    },
    truth: 'none', // the stock driver takes it
  })
  .add('changes() and last_insert_rowid() as the application knows them', {
    changes: 'item.U×3, item.I×2',
    run: ({ manager }) =>
      manager.transaction(async (inside) => {
        await inside.query(`UPDATE item SET qty = 0`);
        const now = Date.now();
        while (Date.now() === now); // the library's own book-keeping depends on the clock
        await inside.query(`INSERT INTO item SELECT 100, 'changed ' || changes(), 0`);
        await inside.query(`INSERT INTO item SELECT 101, 'inserted ' || last_insert_rowid(), 0`);
      }),
  })
  .add('eight flows at once, every second one rolled back', {
    changes: 'item.I×4, item.U×4',
    run: async ({ manager }) => {
      const flow = async (id: number): Promise<void> =>
        manager.transaction(async (inside) => {
          await inside.query(`INSERT INTO item VALUES (?, ?, 1)`, [id, `flow ${id}`]);
          await new Promise((resolve) => setImmediate(resolve));
          await inside.query(`UPDATE item SET qty = 2 WHERE id = ?`, [id]);
          if (id % 2 === 0) throw new Error('no');
        });
      await Promise.allSettled(Array.from({ length: 8 }, (_, index) => flow(10 + index)));
    },
    truth: 'none', // the stock driver mixes up its transactions
  }).paths;
