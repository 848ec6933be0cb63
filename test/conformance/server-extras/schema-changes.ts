import type { MigrationInterface, QueryRunner } from 'typeorm';
import { integerCell, nullCell, textCell } from '../../../src/testing/oracle/cell';
import { makeRow, type Row } from '../../../src/testing/oracle/snapshot';
import { queries } from '../model/raw-table';
import { failing, type Model, PathList, type App } from '../write-path';
import { table } from './table';

const entities = [table('stock', 'id int!, name nvarchar, qty int')];
const setup = ['CREATE TABLE stock (id int PRIMARY KEY, name nvarchar(20), qty int)'];
const rows = `INSERT INTO stock VALUES (1, 'tea', 1), (2, 'rice', 2), (3, 'salt', NULL)`;

class CleanUpStock1700000000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('UPDATE stock SET qty = 0 WHERE qty IS NULL');
    await runner.query(`DELETE FROM stock WHERE name = 'rice'`);
    await runner.manager.insert('stockEntity', { id: 9, name: 'oil', qty: 4 });
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('UPDATE stock SET qty = NULL WHERE qty = 0');
  }
}

class AddUnit1700000000002 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('UPDATE stock SET name = UPPER(name) WHERE id = 1');
    await runner.query(`ALTER TABLE stock ADD unit nvarchar(10) NOT NULL CONSTRAINT stock_unit DEFAULT 'kg'`);
    await runner.query(`UPDATE stock SET unit = 'g' WHERE id > 1`);
  }

  async down(): Promise<void> {}
}

class FailHalfWay1700000000003 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('UPDATE stock SET qty = 100');
    await runner.query(`INSERT INTO stock VALUES (1, 'twice', 1)`);
  }

  async down(): Promise<void> {}
}

/** Each path leaves another schema, so none goes on with the database of another. */
const modelOf = (migrations?: Model['migrations']): Model => ({
  name: 'schema changes',
  entities,
  setup,
  isUsedUp: true,
  ...(migrations && { migrations }),
});
const kg = textCell(Buffer.from('kg'));
const withCell =
  (column: string, value: string) =>
  (row: Row): Row =>
    makeRow([...Object.entries(row), [column, value]]);
const prepare = ({ manager }: App): Promise<unknown> => manager.query(rows);
/** The suite's own triggers would not see what is new. */
const truth = 'rows';

const migrating = (['all', 'each', 'none'] as const).flatMap((transaction) => [
  ...new PathList(modelOf([CleanUpStock1700000000001])).add(
    `migration that changes data (transaction: ${transaction})`,
    {
      changes: 'stock.U, stock.D, stock.I',
      prepare,
      run: ({ dataSource }) => dataSource.runMigrations({ transaction }),
    },
  ).paths,
  ...new PathList(modelOf([AddUnit1700000000002])).add(
    `migration that changes schema and data (transaction: ${transaction})`,
    {
      changes: 'stock.U×3',
      prepare,
      run: async (app) => {
        await app.dataSource.runMigrations({ transaction });
        app.reshape({ table: 'stock', row: withCell('unit', kg) });
      },
      truth,
    },
  ).paths,
]);

const altering = new PathList(modelOf())
  .add('ADD with a default in a running application', {
    changes: 'stock.U×2',
    prepare,
    run: async (app) => {
      await queries(app, 'UPDATE stock SET qty = 10 WHERE id = 1');
      await app.manager.query('ALTER TABLE stock ADD extra int NOT NULL DEFAULT 7');
      app.reshape({ table: 'stock', row: withCell('extra', integerCell(7n)) });
      await queries(app, 'UPDATE stock SET extra = 8 WHERE id = 1');
    },
    truth,
  })
  .add('write, ADD and write in one transaction', {
    changes: 'stock.U×2',
    prepare,
    run: (app) =>
      app.manager.transaction(async (inside) => {
        await inside.query('UPDATE stock SET qty = 10 WHERE id = 1');
        await inside.query('ALTER TABLE stock ADD extra int NOT NULL DEFAULT 7');
        app.reshape({ table: 'stock', row: withCell('extra', integerCell(7n)) });
        await inside.query('UPDATE stock SET extra = 8 WHERE id = 1');
      }),
    truth,
  })
  .add('DROP COLUMN', {
    changes: 'stock.U',
    prepare,
    run: async (app) => {
      await app.manager.query('ALTER TABLE stock DROP COLUMN qty');
      app.reshape({
        table: 'stock',
        row: ({ id, name }) =>
          makeRow([
            ['id', id!],
            ['name', name!],
          ]),
      });
      await queries(app, `UPDATE stock SET name = 'x' WHERE id = 1`);
    },
    truth,
  })
  .add('a column with another name', {
    changes: 'stock.U',
    prepare,
    run: async (app) => {
      await app.manager.query(`EXEC sp_rename 'stock.name', 'label', 'COLUMN'`);
      app.reshape({
        table: 'stock',
        row: ({ id, name, qty }) =>
          makeRow([
            ['id', id!],
            ['label', name!],
            ['qty', qty!],
          ]),
      });
      await queries(app, `UPDATE stock SET label = 'x' WHERE id = 1`);
    },
    truth,
  })
  .add('a wider type', {
    changes: 'stock.U',
    prepare,
    run: async (app) => {
      await app.manager.query('ALTER TABLE stock ALTER COLUMN qty bigint');
      await queries(app, 'UPDATE stock SET qty = 9223372036854775807 WHERE id = 1');
    },
  })
  .add('DDL rolled back, then a write', {
    changes: 'stock.U',
    prepare,
    run: async (app) => {
      await failing(() =>
        app.manager.transaction(async (inside) => {
          await inside.query('ALTER TABLE stock ADD extra int');
          await inside.query('UPDATE stock SET extra = 1');
          throw new Error('no');
        }),
      );
      await queries(app, 'UPDATE stock SET qty = 10 WHERE id = 1');
    },
  })
  .add('a table dropped and made again', {
    changes: 'stock.I',
    prepare,
    run: async (app) => {
      await app.manager.query('DROP TABLE stock');
      app.reshape({ table: 'stock' });
      await app.manager.query('CREATE TABLE stock (id int PRIMARY KEY, qty nvarchar(10))');
      await app.checkpoint();
      await queries(app, `INSERT INTO stock VALUES (1, 'many')`);
    },
    truth,
  })
  .add('a query runner that is started by hand', {
    changes: 'stock.U',
    prepare,
    run: async (app) => {
      const runner = app.dataSource.createQueryRunner();
      try {
        await runner.query('ALTER TABLE stock ADD note nvarchar(10)');
      } finally {
        await runner.release();
      }
      app.reshape({ table: 'stock', row: withCell('note', nullCell) });
      await queries(app, `UPDATE stock SET note = 'x' WHERE id = 1`);
    },
    truth,
  }).paths;

export const schemaChangePaths = [
  ...migrating,
  ...new PathList(modelOf([CleanUpStock1700000000001])).add('migration reverted', {
    changes: 'stock.U',
    prepare: async (app) => {
      await prepare(app);
      await app.dataSource.runMigrations();
    },
    run: ({ dataSource }) => dataSource.undoLastMigration(),
  }).paths,
  ...new PathList(modelOf([FailHalfWay1700000000003])).add('migration that fails half way', {
    changes: 'stock.U',
    prepare,
    run: async ({ dataSource, manager }) => {
      await dataSource.runMigrations().catch(() => undefined);
      await manager.query('UPDATE stock SET qty = 5 WHERE id = 1');
    },
  }).paths,
  ...altering,
];
