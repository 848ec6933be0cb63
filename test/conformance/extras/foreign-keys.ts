import { queries, rawTable } from '../model/raw-table';
import { failing, type Model, PathList } from '../write-path';

const model: Model = {
  name: 'foreign keys',
  entities: [
    rawTable('region', { key: ['country', 'code'], columns: { country: 'text', code: 'integer', name: 'text' } }),
    rawTable('city', { columns: { id: 'integer', country: 'text', region: 'integer', name: 'text' } }),
    rawTable('street', { columns: { id: 'integer', city_id: 'integer', name: 'text' } }),
    rawTable('node', { columns: { id: 'integer', parent_id: 'integer' } }),
    rawTable('staff', { columns: { id: 'integer' } }),
    rawTable('task', { columns: { id: 'integer', owner: 'integer', team: 'integer' } }),
    rawTable('egg', { columns: { id: 'integer', hen: 'integer' } }),
    rawTable('hen', { columns: { id: 'integer', egg: 'integer' } }),
  ],
  setup: [
    `CREATE TABLE region (country TEXT, code INTEGER, name TEXT, PRIMARY KEY (country, code))`,
    `CREATE TABLE city (id INTEGER PRIMARY KEY, country TEXT, region INTEGER, name TEXT,
      FOREIGN KEY (country, region) REFERENCES region (country, code) ON DELETE CASCADE ON UPDATE CASCADE)`,
    `CREATE TABLE street (id INTEGER PRIMARY KEY, city_id INTEGER REFERENCES city (id) ON DELETE CASCADE ON UPDATE CASCADE, name TEXT)`,
    `CREATE TABLE node (id INTEGER PRIMARY KEY, parent_id INTEGER REFERENCES node (id) ON DELETE CASCADE)`,
    `CREATE TABLE staff (id INTEGER PRIMARY KEY)`,
    `CREATE TABLE task (id INTEGER PRIMARY KEY, owner INTEGER REFERENCES staff (id) ON DELETE SET NULL,
      team INTEGER DEFAULT 1 REFERENCES staff (id) ON DELETE SET DEFAULT)`,
    `CREATE TABLE hen (id INTEGER PRIMARY KEY, egg INTEGER NOT NULL REFERENCES egg (id) DEFERRABLE INITIALLY DEFERRED)`,
    `CREATE TABLE egg (id INTEGER PRIMARY KEY, hen INTEGER NOT NULL REFERENCES hen (id) DEFERRABLE INITIALLY DEFERRED)`,
    `INSERT INTO region VALUES ('CH', 1, 'North'), ('CH', 2, 'South'), ('AT', 1, 'East')`,
    `INSERT INTO city VALUES (1, 'CH', 1, 'A'), (2, 'CH', 1, 'B'), (3, 'CH', 2, 'C'), (4, NULL, 1, 'none')`,
    `INSERT INTO street VALUES (1, 1, 'a'), (2, 1, 'b'), (3, 2, 'c'), (4, 3, 'd')`,
    `INSERT INTO node VALUES (1, NULL), (2, 1), (3, 1), (4, 2), (5, 4), (6, 6), (7, NULL)`,
    `INSERT INTO staff VALUES (1), (2), (3)`,
    `INSERT INTO task VALUES (1, 2, 2), (2, 2, 3), (3, 3, 1)`,
  ],
};

export const foreignKeyPaths = new PathList(model)
  .add('composite and multi-level ON DELETE CASCADE', {
    changes: 'street.D×3, city.D×2, region.D',
    run: (app) => queries(app, `DELETE FROM region WHERE country = 'CH' AND code = 1`),
  })
  .add('composite ON UPDATE CASCADE', {
    changes: 'region.U, city.U×2',
    run: (app) => queries(app, `UPDATE region SET country = 'FR', code = 9 WHERE country = 'CH' AND code = 1`),
  })
  .add('multi-level ON UPDATE CASCADE of a key', {
    changes: 'city.U, street.U×2',
    run: (app) => queries(app, `UPDATE city SET id = 100 WHERE id = 1`),
  })
  .add('self-referencing cascade, four levels', {
    changes: 'node.D×5',
    run: (app) => queries(app, `DELETE FROM node WHERE id = 1`),
  })
  .add('row that references itself', { changes: 'node.D', run: (app) => queries(app, `DELETE FROM node WHERE id = 6`) })
  .add('cascade that meets rows the statement deletes itself', {
    changes: 'node.D×7',
    run: (app) => queries(app, `DELETE FROM node`),
  })
  .add('SET NULL and SET DEFAULT of one row', {
    changes: 'staff.D, task.U×3',
    run: (app) => queries(app, `DELETE FROM staff WHERE id = 2`),
  })
  .add('SET DEFAULT that finds no default row', {
    changes: 'none',
    run: (app) => failing(() => queries(app, `DELETE FROM staff WHERE id = 1`)),
  })
  .add('deferred constraint, met at the end', {
    changes: 'hen.I, egg.I',
    run: ({ manager }) =>
      manager.transaction((inside) =>
        queries({ manager: inside }, `INSERT INTO hen VALUES (1, 1)`, `INSERT INTO egg VALUES (1, 1)`),
      ),
  })
  .add('deferred constraint, violated at COMMIT', {
    changes: 'egg.I, hen.I',
    run: async (app) => {
      const { manager } = app;
      await failing(() => manager.transaction((inside) => inside.query(`INSERT INTO hen VALUES (1, 1)`)));
      await manager.transaction((inside) =>
        queries({ manager: inside }, `INSERT INTO egg VALUES (2, 2)`, `INSERT INTO hen VALUES (2, 2)`),
      );
    },
  })
  .add('deferred constraint, violated by a statement on its own', {
    changes: 'staff.I',
    run: async (app) => {
      await failing(() => queries(app, `INSERT INTO hen VALUES (1, 1)`));
      await queries(app, `INSERT INTO staff VALUES (9)`);
    },
  })
  .add('PRAGMA defer_foreign_keys', {
    changes: 'city.I, region.I',
    run: ({ manager }) =>
      manager.transaction((inside) =>
        queries(
          { manager: inside },
          `PRAGMA defer_foreign_keys = ON`,
          `INSERT INTO city VALUES (9, 'IT', 5, 'Z')`,
          `INSERT INTO region VALUES ('IT', 5, 'West')`,
        ),
      ),
  }).paths;
