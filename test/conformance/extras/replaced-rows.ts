import { queries, rawTable } from '../model/raw-table';
import { failing, type Model, PathList } from '../write-path';

/** Rows that REPLACE removes can be found by any unique index there is; one table for each kind. */
const model: Model = {
  name: 'replaced rows',
  entities: [
    rawTable('pair', { columns: { id: 'integer', a: 'text', b: 'text' } }),
    rawTable('nocase', { key: ['name'], columns: { name: 'text', v: 'integer' } }),
    rawTable('partial', { columns: { id: 'integer', code: 'text', live: 'integer' } }),
    rawTable('expr', { columns: { id: 'integer', name: 'text' } }),
    rawTable('gen', { columns: { id: 'integer', a: 'integer', twice: 'integer' } }),
    rawTable('worow', { key: ['a', 'b'], columns: { a: 'text', b: 'integer', u: 'text' } }),
    rawTable('hidden', { key: ['code'], columns: { code: 'text', v: 'text' } }),
    rawTable('auto', { columns: { id: 'integer', code: 'text' } }),
    rawTable('strictly', { columns: { id: 'integer', code: 'text', v: 'integer' } }),
    rawTable('tree', { columns: { id: 'integer', parent: 'integer', code: 'text' } }),
    rawTable('touchy', { columns: { id: 'integer', code: 'text', n: 'integer' } }),
    rawTable('ignored', { columns: { id: 'integer', code: 'text' } }),
    rawTable('nullkey', { key: ['code'], columns: { code: 'text', u: 'text' } }),
    rawTable('roomy', { columns: { id: 'integer', code: 'text' } }),
    rawTable('log', { columns: { id: 'integer', text: 'text' } }),
  ],
  setup: [
    `CREATE TABLE pair (id INTEGER PRIMARY KEY, a TEXT, b TEXT, UNIQUE (a, b))`,
    `INSERT INTO pair VALUES (1, 'x', 'y'), (2, 'x', NULL), (3, 'z', 'z')`,
    `CREATE TABLE nocase (name TEXT PRIMARY KEY COLLATE NOCASE, v INTEGER)`,
    `INSERT INTO nocase VALUES ('abc', 1), ('def', 2)`,
    `CREATE TABLE partial (id INTEGER PRIMARY KEY, code TEXT, live INTEGER)`,
    `CREATE UNIQUE INDEX partial_code ON partial (code) WHERE live = 1`,
    `INSERT INTO partial VALUES (1, 'a', 1), (2, 'a', 0), (3, 'b', 0)`,
    `CREATE TABLE expr (id INTEGER PRIMARY KEY, name TEXT)`,
    `CREATE UNIQUE INDEX expr_lower ON expr (lower(name))`,
    `INSERT INTO expr VALUES (1, 'Anna'), (2, 'Bo')`,
    `CREATE TABLE gen (id INTEGER PRIMARY KEY, a INTEGER, twice INTEGER AS (a * 2) STORED UNIQUE)`,
    `INSERT INTO gen (id, a) VALUES (1, 1), (2, 2)`,
    `CREATE TABLE worow (a TEXT, b INTEGER, u TEXT UNIQUE, PRIMARY KEY (a, b)) WITHOUT ROWID`,
    `INSERT INTO worow VALUES ('x', 1, 'p'), ('x', 2, 'q'), ('y', 1, 'r')`,
    `CREATE TABLE hidden (code TEXT PRIMARY KEY, v TEXT)`,
    `INSERT INTO hidden VALUES ('a', '1'), ('b', '2'), (NULL, '3')`,
    `CREATE TABLE auto (id INTEGER PRIMARY KEY, code TEXT DEFAULT 'd' UNIQUE)`,
    `INSERT INTO auto VALUES (-1, 'minus'), (1, 'a'), (2, 'd')`,
    `CREATE TABLE strictly (id INTEGER PRIMARY KEY, code TEXT NOT NULL DEFAULT 'n' UNIQUE, v INTEGER CHECK (v < 10))`,
    `INSERT INTO strictly VALUES (1, 'a', 1), (2, 'n', 2)`,
    `CREATE TABLE tree (id INTEGER PRIMARY KEY, parent INTEGER REFERENCES tree (id) ON DELETE CASCADE, code TEXT UNIQUE)`,
    `INSERT INTO tree VALUES (1, NULL, 'a'), (2, 1, 'b'), (3, 2, 'c'), (4, NULL, 'd')`,
    `CREATE TABLE log (id INTEGER PRIMARY KEY, text TEXT)`,
    `CREATE TABLE touchy (id INTEGER PRIMARY KEY, code TEXT UNIQUE, n INTEGER DEFAULT 0)`,
    `CREATE TRIGGER touchy_i AFTER INSERT ON touchy BEGIN UPDATE touchy SET n = n + 1 WHERE id = NEW.id; END`,
    `CREATE TRIGGER touchy_u AFTER UPDATE ON touchy BEGIN UPDATE touchy SET n = n + 1 WHERE id = NEW.id; END`,
    `CREATE TRIGGER touchy_d AFTER DELETE ON touchy BEGIN INSERT INTO log (text) VALUES (OLD.code); END`,
    `INSERT INTO touchy VALUES (1, 'a', 0), (2, 'b', 0)`,
    `CREATE TABLE nullkey (code TEXT PRIMARY KEY, u TEXT UNIQUE)`,
    `INSERT INTO nullkey VALUES (NULL, 'a'), (NULL, 'b'), ('k', 'c')`,
    `CREATE TABLE roomy (id INTEGER PRIMARY KEY, code TEXT UNIQUE)`,
    `CREATE TRIGGER roomy_i BEFORE INSERT ON roomy BEGIN DELETE FROM roomy WHERE code = NEW.code; END`,
    `INSERT INTO roomy VALUES (1, 'a'), (2, 'b'), (3, 'c')`,
    `CREATE TABLE ignored (id INTEGER PRIMARY KEY, code TEXT UNIQUE)`,
    `CREATE TRIGGER ignored_i BEFORE INSERT ON ignored WHEN NEW.code = 'a' BEGIN SELECT RAISE(IGNORE); END`,
    `INSERT INTO ignored VALUES (1, 'b'), (2, 'c')`,
  ],
};

const truth = 'rows';
const list = new PathList(model);
const path = (name: string, changes: string, ...statements: string[]): PathList =>
  list.add(`REPLACE: ${name}`, { changes, run: (app) => queries(app, ...statements), truth });

path('unique over two columns', 'pair.D, pair.I', `REPLACE INTO pair VALUES (9, 'x', 'y')`);
path('NULL never collides', 'pair.I', `REPLACE INTO pair VALUES (9, 'x', NULL)`);
path('two rows collide, one by two indexes', 'pair.D×2, pair.I', `REPLACE INTO pair VALUES (1, 'z', 'z')`);
path('NOCASE key', 'nocase.D, nocase.I', `REPLACE INTO nocase VALUES ('ABC', 9)`);
path('partial index, inside', 'partial.D, partial.I', `REPLACE INTO partial VALUES (9, 'a', 1)`);
path('partial index, outside', 'partial.I', `REPLACE INTO partial VALUES (9, 'a', 0)`);
path('partial index, by an update', 'partial.D, partial.U', `UPDATE OR REPLACE partial SET live = 1 WHERE id = 2`);
path('index on an expression', 'expr.D, expr.I', `REPLACE INTO expr VALUES (9, 'ANNA')`);
path('index on a generated column', 'gen.D, gen.I', `REPLACE INTO gen (id, a) VALUES (9, 1)`);
path('WITHOUT ROWID, key and unique', 'worow.D×2, worow.I', `REPLACE INTO worow VALUES ('x', 1, 'q')`);
path('text key of a table with rowid', 'hidden.D, hidden.I', `REPLACE INTO hidden VALUES ('a', 'new')`);
path('NULL as text key', 'hidden.I', `REPLACE INTO hidden VALUES (NULL, 'new')`);
path('NULL keys tell no rows apart', 'nullkey.D, nullkey.I', `REPLACE INTO nullkey VALUES ('z', 'a')`);
path(
  'rowid given beside the key',
  'hidden.D×2, hidden.I',
  `REPLACE INTO hidden (rowid, code, v) VALUES (2, 'a', 'new')`,
);
path('key left out, a row with key -1', 'auto.I', `REPLACE INTO auto (code) VALUES ('new')`);
path('key -1 given', 'auto.D, auto.I', `REPLACE INTO auto VALUES (-1, 'new')`);
path('key as text', 'auto.D, auto.I', `REPLACE INTO auto VALUES ('1', 'new')`);
path(
  'default value collides',
  'auto.D×2, auto.I×2',
  `REPLACE INTO auto (id) VALUES (9)`,
  `INSERT OR REPLACE INTO auto DEFAULT VALUES`,
);
path('NULL replaced by a default that collides', 'strictly.D, strictly.I', `REPLACE INTO strictly VALUES (9, NULL, 1)`);
path(
  'row replaced by a later row of the statement',
  'pair.I×2, pair.D',
  `REPLACE INTO pair VALUES (8, 'n', 'n'), (9, 'n', 'n')`,
);
path('all rows by themselves', 'pair.D×3, pair.I×3', `REPLACE INTO pair SELECT * FROM pair`);
path(
  'keys that move up by an update',
  'auto.D, auto.U×2',
  `UPDATE OR REPLACE auto SET id = id + 1 WHERE id > 0 AND id < 3`,
);
path('cascade to other rows of the table', 'tree.D×3, tree.I', `REPLACE INTO tree VALUES (1, NULL, 'new')`);
path(
  'cascade by a unique column, of an update',
  'tree.D×3, tree.U',
  `UPDATE OR REPLACE tree SET code = 'a' WHERE id = 4`,
);
path('cascade removes another row in the way', 'tree.D×3, tree.I', `REPLACE INTO tree VALUES (1, NULL, 'b')`);
path(
  'BEFORE INSERT trigger that makes room itself',
  'roomy.D×4, roomy.I×3',
  `REPLACE INTO roomy VALUES (1, 'b')`,
  `INSERT INTO roomy VALUES (4, 'c')`,
  `REPLACE INTO roomy VALUES (4, 'd')`,
);
path(
  'triggers on insert, update and delete',
  'touchy.D, touchy.I, touchy.U×2',
  `REPLACE INTO touchy VALUES (9, 'a', 0)`,
);
path('triggers, by an update', 'touchy.D, touchy.U×2', `UPDATE OR REPLACE touchy SET code = 'a' WHERE id = 2`);
path('row that a trigger ignores', 'none', `REPLACE INTO ignored VALUES (1, 'a')`);
path(
  'row that a trigger ignores beside another',
  'ignored.D, ignored.I',
  `REPLACE INTO ignored VALUES (1, 'a'), (9, 'c')`,
);
path('with RETURNING', 'pair.D, pair.I', `REPLACE INTO pair VALUES (1, 'n', 'n') RETURNING id`);
path(
  'behind WITH',
  'pair.D, pair.I',
  `WITH n(i) AS (VALUES (1)) INSERT OR REPLACE INTO pair SELECT i, 'n', 'n' FROM n`,
);
path(
  'comments between the words',
  'pair.D, pair.I',
  `INSERT/**/OR -- replace\n REPLACE INTO "main" . [pair] VALUES (1, 'n', 'n')`,
);

list
  .add('REPLACE: CHECK fails in the middle', {
    changes: 'none',
    run: (app) => failing(() => queries(app, `REPLACE INTO strictly VALUES (1, 'x', 1), (2, 'y', 99)`)),
  })
  .add('REPLACE: upsert clause, whose update does not replace', {
    changes: 'none',
    run: (app) =>
      failing(() =>
        queries(
          app,
          `INSERT OR REPLACE INTO pair VALUES (3, 'x', 'y') ON CONFLICT (id) DO UPDATE SET a = excluded.a, b = excluded.b`,
        ),
      ),
  })
  .add('REPLACE: in a transaction, rolled back to a savepoint', {
    changes: 'pair.D×2, pair.I×2',
    run: ({ manager }) =>
      manager.transaction(async (inside) => {
        await inside.query(`REPLACE INTO pair VALUES (1, 'n', 'n')`);
        await failing(() =>
          inside.transaction(async (nested) => {
            await nested.query(`REPLACE INTO pair VALUES (2, 'm', 'm')`);
            throw new Error('no');
          }),
        );
        await inside.query(`REPLACE INTO pair VALUES (3, 'm', 'm')`);
      }),
    truth,
  })
  .add('REPLACE: recursive_triggers switched on by the application', {
    changes: 'touchy.D, touchy.I, log.I',
    run: async (app) => {
      await queries(app, `DROP TRIGGER touchy_i`, `DROP TRIGGER touchy_u`, `PRAGMA recursive_triggers = ON`);
      await queries(app, `REPLACE INTO touchy VALUES (9, 'a', 0)`);
    },
    truth,
  })
  .add('REPLACE: then ordinary statements on the same table', {
    changes: 'touchy.D, touchy.I×2, touchy.U×6',
    run: async (app) => {
      await queries(app, `REPLACE INTO touchy VALUES (1, 'a', 0)`, `INSERT INTO touchy VALUES (5, 'e', 0)`);
      await failing(() => queries(app, `INSERT INTO touchy VALUES (6, 'e', 0)`));
      await queries(
        app,
        `INSERT OR IGNORE INTO touchy VALUES (6, 'e', 0)`,
        `UPDATE touchy SET code = 'f' WHERE id = 5`,
      );
    },
    truth,
  });

export const replacedRowPaths = list.paths;
