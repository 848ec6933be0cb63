import { TableColumn } from 'typeorm';
import { nullCell } from '../../../src/testing/oracle/cell';
import { queries, rawTable } from '../model/raw-table';
import { makeRow, type Row } from '../../../src/testing/oracle/snapshot';
import { openSqlite } from '../../support/sqlite';
import { type App, failing, type Model, PathList } from '../write-path';
import { withCell } from './migrations';

const model: Model = {
  name: 'schema changes',
  entities: [
    rawTable('stock', { columns: { id: 'integer', name: 'text', qty: 'integer' } }),
    rawTable('box', { columns: { id: 'integer', stock_id: 'integer' } }),
    rawTable('shelf', { columns: { id: 'integer', stock_id: 'integer' } }),
    rawTable('late', { columns: { id: 'integer', name: 'text' } }),
  ],
  setup: [
    `CREATE TABLE stock (id INTEGER PRIMARY KEY, name TEXT, qty INTEGER)`,
    `INSERT INTO stock VALUES (1, 'tea', 1), (2, 'rice', 2), (3, 'salt', NULL)`,
    `CREATE TABLE box (id INTEGER PRIMARY KEY, stock_id INTEGER REFERENCES stock (id) ON DELETE CASCADE)`,
    `CREATE TABLE shelf (id INTEGER PRIMARY KEY, stock_id INTEGER REFERENCES stock (id) ON DELETE SET NULL)`,
  ],
};

const setQty = (qty: number): string => `UPDATE stock SET qty = ${qty} WHERE id = 1`;
const renamed =
  (from: string, to: string) =>
  (row: Row): Row =>
    makeRow(Object.entries(row).map(([column, cell]) => [column === from ? to : column, cell]));
const without =
  (name: string) =>
  (row: Row): Row =>
    makeRow(Object.entries(row).filter(([column]) => column !== name));

/** Another program on the same file. */
function elsewhere({ dataSource }: App, ...statements: string[]): void {
  const database = openSqlite(dataSource.options.database as string);
  try {
    for (const statement of statements) database.exec(statement);
  } finally {
    database.close();
  }
}

async function alter(app: App, statement: string, row: (row: Row) => Row): Promise<void> {
  await app.manager.query(statement);
  app.reshape({ table: 'stock', row });
}

/** The suite's own log would stand in the way of the schema, or would not see what is new. */
const truth = 'rows';

export const schemaChangePaths = new PathList(model)
  .add('ADD COLUMN between two writes', {
    changes: 'stock.U×3, stock.I',
    run: async (app) => {
      await queries(app, setQty(10));
      await alter(app, `ALTER TABLE stock ADD COLUMN extra INTEGER DEFAULT 7`, withCell('extra', 7n));
      await queries(
        app,
        setQty(11),
        `UPDATE stock SET extra = 8 WHERE id = 1`,
        `INSERT INTO stock VALUES (9, 'oil', 1, 1)`,
      );
    },
    truth,
  })
  .add('DROP COLUMN between two writes', {
    changes: 'stock.U×2',
    run: async (app) => {
      await queries(app, setQty(10));
      await alter(app, `ALTER TABLE stock DROP COLUMN name`, without('name'));
      await queries(app, setQty(11));
    },
    truth,
  })
  .add('RENAME COLUMN between two writes', {
    changes: 'stock.U×2',
    run: async (app) => {
      await queries(app, setQty(10));
      await alter(app, `ALTER TABLE stock RENAME COLUMN name TO label`, renamed('name', 'label'));
      await queries(app, `UPDATE stock SET label = 'x' WHERE id = 1`);
    },
    truth,
  })
  .add('write, ADD COLUMN and write in one transaction', {
    changes: 'stock.U×2',
    run: (app) =>
      app.manager.transaction(async (inside) => {
        await inside.query(setQty(10));
        await inside.query(`ALTER TABLE stock ADD COLUMN extra INTEGER DEFAULT 7`);
        app.reshape({ table: 'stock', row: withCell('extra', 7n) });
        await inside.query(`UPDATE stock SET extra = 8 WHERE id = 1`);
      }),
    truth,
  })
  .add('a table rebuilt by the ORM (changeColumn, addColumn)', {
    changes: 'stock.U×2',
    run: async (app) => {
      const runner = app.dataSource.createQueryRunner();
      const nullable = new TableColumn({ name: 'name', type: 'text', isNullable: true });
      await runner.changeColumn('stock', 'name', new TableColumn({ name: 'label', type: 'text', isNullable: true }));
      await runner.changeColumn('stock', 'label', nullable);
      await runner.addColumn('stock', new TableColumn({ name: 'extra', type: 'integer', isNullable: true }));
      await runner.release();
      app.reshape({ table: 'stock', row: (row) => makeRow([...Object.entries(row), ['extra', nullCell]]) });
      await queries(app, setQty(10), `UPDATE stock SET extra = 1 WHERE id = 2`);
    },
    truth,
  })
  .add('DDL rolled back, then a write', {
    changes: 'stock.U',
    run: async (app) => {
      await failing(() =>
        app.manager.transaction(async (inside) => {
          await inside.query(`ALTER TABLE stock ADD COLUMN extra INTEGER DEFAULT 7`);
          await inside.query(`UPDATE stock SET extra = 8`);
          throw new Error('no');
        }),
      );
      await queries(app, setQty(10));
    },
    truth,
  })
  .add('DDL rolled back to a savepoint, then a write', {
    changes: 'stock.U×2',
    run: (app) =>
      app.manager.transaction(async (inside) => {
        await inside.query(setQty(9));
        await failing(() =>
          inside.transaction(async (nested) => {
            await nested.query(`ALTER TABLE stock ADD COLUMN extra INTEGER DEFAULT 7`);
            await nested.query(`UPDATE stock SET extra = 8`);
            throw new Error('no');
          }),
        );
        await inside.query(setQty(10));
      }),
    truth,
  })
  .add('DDL that fails, then a write', {
    changes: 'stock.U×2',
    run: async (app) => {
      await failing(() => app.manager.query(`ALTER TABLE stock ADD COLUMN qty INTEGER`));
      await queries(app, setQty(10));
      await app.manager.transaction(async (inside) => {
        await failing(() => inside.query(`CREATE TABLE stock (id INTEGER)`));
        await inside.query(setQty(11));
      });
    },
    truth,
  })
  .add('DROP TABLE of a parent: what it does to its children', {
    changes: 'box.D×2, shelf.U',
    prepare: (app) =>
      queries({ manager: app.manager }, `INSERT INTO box VALUES (1, 1), (2, 2)`, `INSERT INTO shelf VALUES (1, 1)`),
    run: async (app) => {
      await app.manager.query(`DROP TABLE stock`);
      app.reshape({ table: 'stock' });
      await app.checkpoint();
    },
    truth,
  })
  .add('a table dropped and made again', {
    changes: 'stock.I',
    run: async (app) => {
      await app.manager.query(`DROP TABLE stock`);
      app.reshape({ table: 'stock' });
      await app.manager.query(`CREATE TABLE stock (id INTEGER PRIMARY KEY, qty TEXT)`);
      await app.checkpoint();
      await queries(app, `INSERT INTO stock VALUES (1, 'many')`);
    },
    truth,
  })
  .add('the table of an entity made after the trail', {
    changes: 'late.I×2, late.U',
    run: async (app) => {
      await queries(app, `CREATE TABLE late (id INTEGER PRIMARY KEY, name TEXT)`, `INSERT INTO late VALUES (1, 'a')`);
      await app.manager.insert('lateEntity', { id: 2, name: 'b' });
      await app.manager.update('lateEntity', { id: 2 }, { name: 'c' });
    },
    truth,
  })
  .add('CREATE TABLE AS and INSERT SELECT', {
    changes: 'late.I×3',
    run: (app) =>
      queries(
        app,
        `CREATE TABLE late AS SELECT id, name FROM stock WHERE 0`,
        `INSERT INTO late SELECT id, name FROM stock`,
      ),
    truth,
  })
  .add('a column added by another program', {
    changes: 'stock.U×2',
    run: async (app) => {
      await queries(app, setQty(10));
      elsewhere(app, `ALTER TABLE stock ADD COLUMN extra INTEGER DEFAULT 7`);
      app.reshape({ table: 'stock', row: withCell('extra', 7n) });
      await queries(app, `UPDATE stock SET extra = 8 WHERE id = 1`);
    },
    truth,
  })
  .add('a table rebuilt by another program', {
    changes: 'stock.U×2',
    run: async (app) => {
      await queries(app, setQty(10));
      elsewhere(
        app,
        `PRAGMA foreign_keys = OFF; BEGIN; CREATE TABLE other (id INTEGER PRIMARY KEY, label TEXT, qty INTEGER);
         INSERT INTO other SELECT * FROM stock; DROP TABLE stock; ALTER TABLE other RENAME TO stock; COMMIT`,
      );
      app.reshape({ table: 'stock', row: renamed('name', 'label') });
      await queries(app, `UPDATE stock SET label = 'x' WHERE id = 1`);
    },
    truth,
  })
  .add('maintenance: VACUUM, ANALYZE, REINDEX, PRAGMA, indexes, views', {
    changes: 'stock.U×2',
    run: (app) =>
      queries(
        app,
        setQty(10),
        `CREATE INDEX stock_name ON stock (name)`,
        `CREATE VIEW full AS SELECT * FROM stock`,
        'VACUUM',
        'ANALYZE',
        'REINDEX',
        'PRAGMA user_version = 3',
        'PRAGMA optimize',
        setQty(11),
      ),
    truth,
  })
  .add('a trigger of the user made in between', {
    changes: 'stock.U×2, box.I',
    run: (app) =>
      queries(
        app,
        setQty(10),
        `CREATE TRIGGER keep AFTER UPDATE ON stock BEGIN INSERT INTO box (stock_id) VALUES (NEW.id); END`,
        setQty(11),
      ),
    truth,
  })
  .add('ADD COLUMN while a transaction of another flow is open', {
    changes: 'stock.U×3',
    run: async (app) => {
      let finish: () => void = () => {};
      const isTime = new Promise<void>((resolve) => (finish = resolve));
      const writing = app.manager.transaction(async (inside) => {
        await inside.query(setQty(10));
        await isTime;
        await inside.query(setQty(11));
      });
      const altering = app.manager.query(`ALTER TABLE stock ADD COLUMN extra INTEGER DEFAULT 7`);
      await new Promise((resolve) => setImmediate(resolve));
      finish();
      await Promise.all([writing, altering]);
      app.reshape({ table: 'stock', row: withCell('extra', 7n) });
      await queries(app, `UPDATE stock SET extra = 8 WHERE id = 1`);
    },
    truth: 'none', // the stock driver would alter the table inside the transaction
  })
  .add('a temporary table of the same name', {
    changes: 'stock.U×2, stock.I×2, stock.D',
    run: (app) =>
      queries(
        app,
        setQty(10),
        `CREATE TEMP TABLE stock (id INTEGER PRIMARY KEY, other TEXT)`,
        `INSERT INTO stock VALUES (1, 'temporary')`,
        `UPDATE main.stock SET qty = 11 WHERE id = 1`,
        `INSERT INTO main.stock VALUES (9, 'oil', 1)`,
        `REPLACE INTO main.stock VALUES (9, 'fat', 2)`,
        `DELETE FROM stock`,
        `DROP TABLE temp.stock`,
      ),
    truth,
  })
  .add('triggers of the capture dropped by hand', {
    changes: 'stock.U×2',
    run: async (app) => {
      await queries(app, setQty(10));
      const found: unknown = await app.manager.query(`SELECT name FROM sqlite_temp_master WHERE type = 'trigger'`);
      for (const { name } of found as { name: string }[])
        await app.manager.query(`DROP TRIGGER IF EXISTS temp."${name}"`);
      await queries(app, setQty(11));
    },
    truth: 'none',
  }).paths;
