import type { MigrationInterface, QueryRunner } from 'typeorm';
import { integerCell, textCell } from '../../../src/testing/oracle/cell';
import { rawTable } from '../model/raw-table';
import { makeRow, type Row } from '../../../src/testing/oracle/snapshot';
import { type Model, PathList } from '../write-path';

const columns = { id: 'integer', name: 'text', qty: 'integer' } as const;
const entities = [rawTable('stock', { columns })];
const setup = [
  `CREATE TABLE stock (id INTEGER PRIMARY KEY, name TEXT, qty INTEGER)`,
  `INSERT INTO stock VALUES (1, 'tea', 1), (2, 'rice', 2), (3, 'salt', NULL)`,
];

class CleanUpStock1700000000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`UPDATE stock SET qty = 0 WHERE qty IS NULL`);
    await runner.query(`DELETE FROM stock WHERE name = 'rice'`);
    await runner.manager.insert('stockEntity', { id: 9, name: 'oil', qty: 4 });
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`UPDATE stock SET qty = NULL WHERE qty = 0`);
  }
}

class AddUnit1700000000002 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`UPDATE stock SET name = upper(name) WHERE id = 1`);
    await runner.query(`ALTER TABLE stock ADD COLUMN unit TEXT DEFAULT 'kg'`);
    await runner.query(`UPDATE stock SET unit = 'g' WHERE id > 1`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE stock DROP COLUMN unit`);
  }
}

class FailHalfWay1700000000003 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`UPDATE stock SET qty = 100`);
    await runner.query(`INSERT INTO stock VALUES (1, 'twice', 1)`);
  }

  async down(): Promise<void> {}
}

const dataModel: Model = { name: 'migration of data', entities, setup, migrations: [CleanUpStock1700000000001] };
const bothModel: Model = { name: 'migration of schema and data', entities, setup, migrations: [AddUnit1700000000002] };
const failingModel: Model = { name: 'failing migration', entities, setup, migrations: [FailHalfWay1700000000003] };

/** As ADD COLUMN … DEFAULT 'kg' alone would leave the row. */
const withUnit = (row: Row): Row => makeRow([...Object.entries(row), ['unit', textCell(Buffer.from('kg'))]]);

const byTransaction = (['all', 'each', 'none'] as const).flatMap((transaction) => [
  ...new PathList(dataModel).add(`migration that changes data (transaction: ${transaction})`, {
    changes: 'stock.U, stock.D, stock.I',
    run: ({ dataSource }) => dataSource.runMigrations({ transaction }),
  }).paths,
  ...new PathList(bothModel).add(`migration that changes schema and data (transaction: ${transaction})`, {
    changes: 'stock.U×3',
    run: async ({ dataSource, ...app }) => {
      await dataSource.runMigrations({ transaction });
      app.reshape({ table: 'stock', row: withUnit });
    },
    truth: 'rows',
  }).paths,
]);

export const migrationPaths = [
  ...byTransaction,
  ...new PathList(dataModel).add('migration reverted', {
    changes: 'stock.U',
    prepare: ({ dataSource }) => dataSource.runMigrations(),
    run: ({ dataSource }) => dataSource.undoLastMigration(),
  }).paths,
  ...new PathList(failingModel).add('migration that fails half way', {
    changes: 'stock.U',
    run: async ({ dataSource, manager }) => {
      await dataSource.runMigrations().catch(() => undefined);
      await manager.query(`UPDATE stock SET qty = 5 WHERE id = 1`);
    },
  }).paths,
];

/** Shared with the paths of schema changes without migrations. */
export const withCell =
  (column: string, value: bigint) =>
  (row: Row): Row =>
    makeRow([...Object.entries(row), [column, integerCell(value)]]);
