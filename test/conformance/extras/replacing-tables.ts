import { queries, rawTable } from '../model/raw-table';
import { type Model, PathList } from '../write-path';

/** Tables whose own declaration deletes rows, whatever the statement says. */
const model: Model = {
  name: 'replacing tables',
  entities: [
    rawTable('latest', { columns: { id: 'integer', code: 'text' } }),
    rawTable('spaced', { columns: { id: 'integer', code: 'text' } }),
    rawTable('doc', { columns: { id: 'integer', title: 'text', touched: 'integer' } }),
  ],
  setup: [
    `CREATE TABLE latest (id INTEGER PRIMARY KEY, code TEXT UNIQUE ON CONFLICT REPLACE)`,
    `INSERT INTO latest VALUES (1, 'a'), (2, 'b')`,
    `CREATE TABLE spaced (id INTEGER PRIMARY KEY, code TEXT UNIQUE ON\n  CONFLICT /* the newest wins */ replace)`,
    `INSERT INTO spaced VALUES (1, 'a'), (2, 'b')`,
    `CREATE TABLE doc (id INTEGER PRIMARY KEY, title TEXT, touched INTEGER NOT NULL DEFAULT 0)`,
    `CREATE TRIGGER doc_touch AFTER UPDATE ON doc BEGIN UPDATE doc SET touched = touched + 1 WHERE id = NEW.id; END`,
    `INSERT INTO doc (id, title) VALUES (1, 'a')`,
  ],
};

/** The entity's names and the table's differ in case. */
const otherCase: Model = {
  name: 'replacing table, in another case',
  entities: [rawTable('MixedCase', { key: ['Id'], columns: { Id: 'integer', CODE: 'text' } })],
  setup: [
    `CREATE TABLE mixedcase (ID INTEGER PRIMARY KEY, code TEXT UNIQUE ON CONFLICT REPLACE)`,
    `INSERT INTO mixedcase VALUES (1, 'a'), (2, 'b')`,
  ],
};

const alone: Model = {
  ...model,
  name: 'replacing table, oddly spaced',
  setup: model.setup!.filter((sql) => !/\blatest\b/.test(sql)),
};

export const replacingTablePaths = [
  ...new PathList(model)
    .add('table declared ON CONFLICT REPLACE: insert', {
      changes: 'latest.D, latest.I',
      run: (app) => queries(app, `INSERT INTO latest VALUES (9, 'a')`),
      truth: 'rows',
    })
    .add('table declared ON CONFLICT REPLACE: update', {
      changes: 'latest.D, latest.U',
      run: (app) => queries(app, `UPDATE latest SET code = 'a' WHERE id = 2`),
      truth: 'rows',
    })
    .add('updated_at trigger of another table beside it', {
      changes: 'doc.U×2',
      run: (app) => queries(app, `UPDATE doc SET title = 'b'`),
    }).paths,
  ...new PathList(alone).add('ON CONFLICT REPLACE written over two lines', {
    changes: 'spaced.D, spaced.I',
    run: (app) => queries(app, `INSERT INTO spaced VALUES (9, 'a')`),
    truth: 'rows',
  }).paths,
  ...new PathList(otherCase).add('ON CONFLICT REPLACE on a table whose name is in another case', {
    changes: 'MixedCase.D×2, MixedCase.I, MixedCase.U',
    run: (app) => queries(app, `INSERT INTO MixedCase VALUES (9, 'a')`, `UPDATE mixedcase SET code = 'a' WHERE id = 2`),
    truth: 'rows',
  }).paths,
];
