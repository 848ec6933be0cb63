import { queries, rawTable } from '../model/raw-table';
import { failing, type Model, PathList } from '../write-path';

const manyKeys = Array.from({ length: 10 }, (_, index) => `k${index}`);
const wideColumns = Array.from({ length: 299 }, (_, index) => `c${index}`);
const oddTable = `re"place 'into`;
const odd = `"${oddTable.replaceAll('"', '""')}"`;

/** A conflict clause holds for what triggers of the statement do as well, whatever they say themselves. */
const model: Model = {
  name: 'clauses handed on',
  entities: [
    rawTable('source', { columns: { id: 'integer', code: 'text' } }),
    rawTable('copy', { columns: { id: 'integer', code: 'text' } }),
    rawTable('keys', {
      key: manyKeys,
      columns: { ...Object.fromEntries(manyKeys.map((name) => [name, 'integer' as const])), v: 'text' },
    }),
    rawTable('wide', { columns: { id: 'integer', c0: 'text' } }),
    rawTable(oddTable, { columns: { id: 'integer', code: 'text' } }),
    rawTable('rowids', { columns: { id: 'text', rowid: 'text', oid: 'text' } }),
    rawTable('noids', { columns: { id: 'text', rowid: 'text', oid: 'text', _rowid_: 'text' } }),
    rawTable('plain', { columns: { id: 'integer', code: 'text' } }),
  ],
  setup: [
    `CREATE TABLE source (id INTEGER PRIMARY KEY, code TEXT)`,
    `CREATE TABLE copy (id INTEGER PRIMARY KEY, code TEXT UNIQUE NOT NULL)`,
    `CREATE TRIGGER source_i AFTER INSERT ON source BEGIN INSERT INTO copy (code) VALUES (NEW.code); END`,
    `CREATE TRIGGER source_u AFTER UPDATE ON source BEGIN UPDATE copy SET code = NEW.code WHERE code = OLD.code; END`,
    `CREATE VIEW window AS SELECT id, code FROM copy`,
    `CREATE TRIGGER window_i INSTEAD OF INSERT ON window BEGIN INSERT INTO copy VALUES (NEW.id, NEW.code); END`,
    `INSERT INTO source VALUES (1, 'a'), (2, 'b')`,
    `CREATE TABLE keys (${manyKeys.join(' INTEGER, ')} INTEGER, v TEXT, PRIMARY KEY (${manyKeys.join(', ')})) WITHOUT ROWID`,
    `INSERT INTO keys VALUES (${manyKeys.map(() => 1).join(', ')}, 'old')`,
    `CREATE TABLE wide (id INTEGER PRIMARY KEY, ${wideColumns.join(', ')})`,
    `INSERT INTO wide (id, c0, c298) VALUES (1, 'first', 'last'), (2, 'x', 'y')`,
    `CREATE TABLE ${odd} (id INTEGER PRIMARY KEY, code TEXT UNIQUE)`,
    `INSERT INTO ${odd} VALUES (1, 'a')`,
    `CREATE TABLE rowids (id TEXT PRIMARY KEY, rowid TEXT UNIQUE, oid TEXT)`,
    `INSERT INTO rowids VALUES ('a', 'x', 'y'), (NULL, 'z', 'y')`,
    `CREATE TABLE noids (id TEXT PRIMARY KEY, rowid TEXT UNIQUE, oid TEXT, _rowid_ TEXT)`,
    `INSERT INTO noids VALUES ('a', 'x', 'y', 'z'), ('b', 'w', 'y', 'z')`,
    `CREATE TABLE plain (id INTEGER PRIMARY KEY, code TEXT)`,
    `INSERT INTO plain VALUES (1, 'a'), (2, 'b')`,
  ],
};

const truth = 'rows';

export const handedOnPaths = new PathList(model)
  .add('REPLACE handed on to an insert of a trigger', {
    changes: 'source.I, copy.D, copy.I',
    run: (app) => queries(app, `INSERT OR REPLACE INTO source VALUES (9, 'a')`),
    truth,
  })
  .add('REPLACE handed on to an update of a trigger', {
    changes: 'source.U, copy.D, copy.U',
    run: (app) => queries(app, `UPDATE OR REPLACE source SET code = 'b' WHERE id = 1`),
    truth,
  })
  .add('REPLACE handed on by a view', {
    changes: 'copy.D, copy.I',
    run: (app) => queries(app, `REPLACE INTO window VALUES (9, 'a')`),
    truth,
  })
  .add('IGNORE handed on to an insert of a trigger', {
    changes: 'source.I',
    run: (app) => queries(app, `INSERT OR IGNORE INTO source VALUES (9, 'a')`),
  })
  .add('FAIL handed on to an insert of a trigger', {
    changes: 'source.I×2, copy.I',
    run: (app) => failing(() => queries(app, `INSERT OR FAIL INTO source VALUES (8, 'new'), (9, 'a'), (10, 'later')`)),
  })
  .add('REPLACE with a key of ten columns', {
    changes: 'keys.D, keys.I',
    run: (app) => queries(app, `REPLACE INTO keys VALUES (${manyKeys.map(() => 1).join(', ')}, 'new')`),
    truth,
  })
  .add('REPLACE with 300 columns', {
    changes: 'wide.D×2, wide.I×2',
    run: (app) => queries(app, `REPLACE INTO wide (id, c0, c150) SELECT id, c298, 'middle' FROM wide`),
    truth,
  })
  .add('REPLACE with a quote in the name', {
    changes: `${oddTable}.D, ${oddTable}.I`,
    run: (app) => queries(app, `REPLACE INTO ${odd} VALUES (9, 'a')`),
    truth,
  })
  .add('REPLACE in a table with a column named rowid', {
    changes: 'rowids.D×2, rowids.I',
    run: (app) => queries(app, `REPLACE INTO rowids VALUES ('a', 'z', 'new')`),
    truth,
  })
  .add('REPLACE in a table that uses up every name of the rowid', {
    changes: 'noids.D×2, noids.I',
    run: (app) => queries(app, `REPLACE INTO noids VALUES ('a', 'w', 'new', 'new')`),
    truth,
  })
  .add('REPLACE with the name in another case', {
    changes: 'plain.D, plain.I',
    run: (app) => queries(app, `replace into PLAIN values (1, 'z')`),
    truth,
  })
  .add('REPLACE on an index made in between', {
    changes: 'plain.D×2, plain.I×2',
    run: (app) =>
      queries(
        app,
        `REPLACE INTO plain VALUES (1, 'a')`,
        `CREATE UNIQUE INDEX plain_code ON plain (code)`,
        `REPLACE INTO plain VALUES (9, 'a')`,
      ),
    truth,
  })
  .add('REPLACE first rolled back to a savepoint, then done', {
    changes: 'plain.D, plain.I',
    run: ({ manager }) =>
      manager.transaction(async (inside) => {
        await failing(() =>
          inside.transaction(async (nested) => {
            await nested.query(`REPLACE INTO plain VALUES (1, 'y')`);
            throw new Error('no');
          }),
        );
        await inside.query(`REPLACE INTO plain VALUES (1, 'z')`);
      }),
    truth,
  })
  .add('REPLACE first rolled back, then done', {
    changes: 'plain.D, plain.I',
    run: async (app) => {
      await failing(() =>
        app.manager.transaction(async (inside) => {
          await inside.query(`REPLACE INTO plain VALUES (1, 'y')`);
          throw new Error('no');
        }),
      );
      await queries(app, `REPLACE INTO plain VALUES (1, 'z')`);
    },
    truth,
  })
  .add('REPLACE by a subquery that reads the table', {
    changes: 'plain.D×2, plain.I×2',
    run: (app) => queries(app, `REPLACE INTO plain SELECT 3 - id, code || code FROM plain ORDER BY id DESC`),
    truth,
  }).paths;
