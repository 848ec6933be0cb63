import { queries, rawTable } from '../model/raw-table';
import { failing, type Model, PathList } from '../write-path';

const wideColumns = Array.from({ length: 299 }, (_, index) => `c${index}`);
const oddTable = `odd "table" of 'us'; -- ünï 😀`;
const oddColumns = [
  `sel"ect`,
  `wo'rd`,
  'a b',
  'ünï',
  'order',
  'NEW',
  'OLD',
  'a.b',
  '[x]',
  '`y`',
  'semi;colon',
  '--',
  'toString',
  'constructor',
  '$stored',
  'context',
  'transaction_id',
  '?',
  ':p',
];
const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`;
const odd = quote(oddTable);

const model: Model = {
  name: 'table shapes',
  entities: [
    rawTable('worow', { key: ['code', 'at'], columns: { code: 'text', at: 'integer', v: 'text' } }),
    rawTable('strict_', { columns: { id: 'integer', n: 'integer', x: 'text', b: 'blob', r: 'real', t: 'text' } }),
    rawTable('gen', {
      columns: { id: 'integer', a: 'integer', b: 'integer', stored_: 'integer', virtual_: 'integer' },
    }),
    rawTable('wide', { columns: { id: 'integer', c0: 'text', c150: 'text' } }),
    rawTable('big', { columns: { id: 'integer', t: 'text', b: 'blob' } }),
    rawTable(oddTable, {
      columns: { id: 'integer', ...Object.fromEntries(oddColumns.slice(0, 5).map((name) => [name, 'text' as const])) },
    }),
    rawTable('select', { key: ['from'], columns: { from: 'integer', where: 'text' } }),
    rawTable('keyless', { columns: { id: 'integer', v: 'text' } }),
    rawTable('proto', { columns: { id: 'integer' } }),
    rawTable('nullkey', { key: ['code'], columns: { code: 'text', v: 'text' } }),
  ],
  setup: [
    `CREATE TABLE worow (code TEXT, at INTEGER, v TEXT, PRIMARY KEY (code, at DESC)) WITHOUT ROWID`,
    `CREATE TABLE strict_ (id INTEGER PRIMARY KEY, n INT, x ANY, b BLOB, r REAL, t TEXT) STRICT`,
    `CREATE TABLE gen (id INTEGER PRIMARY KEY, a INTEGER, b INTEGER, stored_ INTEGER AS (a + b) STORED, virtual_ AS (a * 1.5) VIRTUAL)`,
    `CREATE TABLE wide (id INTEGER PRIMARY KEY, ${wideColumns.join(', ')})`,
    `CREATE TABLE big (id INTEGER PRIMARY KEY, t TEXT, b BLOB)`,
    `CREATE TABLE ${odd} (id INTEGER PRIMARY KEY, ${oddColumns.map(quote).join(', ')})`,
    `CREATE TABLE "select" ("from" INTEGER PRIMARY KEY, "where" TEXT)`,
    `CREATE TABLE keyless (id INTEGER, v TEXT)`,
    `CREATE TABLE proto (id INTEGER PRIMARY KEY, __proto__ TEXT)`,
    `CREATE TABLE nullkey (code TEXT PRIMARY KEY, v TEXT)`,
  ],
};

export const tableShapePaths = new PathList(model)
  .add('WITHOUT ROWID, key of two columns', {
    changes: 'worow.I×2, worow.U×3, worow.D',
    run: (app) =>
      queries(
        app,
        `INSERT INTO worow VALUES ('a', 1, 'x'), ('b', 2, NULL)`,
        `UPDATE worow SET v = ''`,
        `UPDATE worow SET code = 'c', at = at + 1 WHERE code = 'b'`,
        `DELETE FROM worow WHERE code = 'c'`,
      ),
  })
  .add('WITHOUT ROWID with REPLACE', {
    changes: 'worow.I×2, worow.D',
    run: (app) => queries(app, `INSERT INTO worow VALUES ('a', 1, 'x')`, `REPLACE INTO worow VALUES ('a', 1, 'y')`),
    truth: 'rows',
  })
  .add('STRICT, with a column of any class', {
    changes: 'strict_.I, strict_.U×3, strict_.D',
    run: async (app) => {
      await queries(
        app,
        `INSERT INTO strict_ VALUES (1, 9223372036854775807, '1', x'00', 1, 'a')`,
        `UPDATE strict_ SET x = 1`,
        `UPDATE strict_ SET x = 1.0, r = 2`,
        `UPDATE strict_ SET x = x'01', t = NULL`,
      );
      await failing(() => queries(app, `UPDATE strict_ SET n = 'text'`));
      await queries(app, `DELETE FROM strict_`);
    },
  })
  .add('generated columns, stored and virtual', {
    changes: 'gen.I×2, gen.U×2, gen.D',
    run: (app) =>
      queries(
        app,
        `INSERT INTO gen (id, a, b) VALUES (1, 1, 2), (2, NULL, 5)`,
        `UPDATE gen SET a = 10 WHERE id = 1`,
        `UPDATE gen SET a = 4, b = 8 WHERE id = 1`,
        `UPDATE gen SET a = 4 WHERE id = 1`,
        `DELETE FROM gen WHERE id = 2`,
      ),
  })
  .add('300 columns', {
    changes: 'wide.I×2, wide.U×4, wide.D',
    run: (app) =>
      queries(
        app,
        `INSERT INTO wide (id, ${wideColumns.join(', ')}) VALUES ${[1, 2].map((id) => `(${id}, ${wideColumns.map((_, i) => i % 7 || 'NULL').join(', ')})`).join(', ')}`,
        `UPDATE wide SET c298 = 'last' WHERE id = 1`,
        `UPDATE wide SET c0 = 'first' WHERE id = 1`,
        `UPDATE wide SET ${wideColumns.map((name) => `${name} = '${name}'`).join(', ')}`,
        `DELETE FROM wide WHERE id = 2`,
      ),
  })
  .add('300 columns, 60 rows at once', {
    changes: 'wide.I×60, wide.U×60',
    run: (app) =>
      queries(
        app,
        `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60) INSERT INTO wide (id, c0, c298) SELECT i, i, 'x' FROM n`,
        `UPDATE wide SET c150 = id || 'th'`,
      ),
  })
  .add('rows of 10 MB', {
    changes: 'big.I, big.U×2, big.D',
    run: (app) =>
      queries(
        app,
        `INSERT INTO big VALUES (1, CAST(zeroblob(5000000) AS TEXT) || printf('%.*c', 5000000, 'x'), randomblob(10))`,
        `UPDATE big SET t = 'small', b = zeroblob(10000000)`,
        `UPDATE big SET t = printf('%.*c', 10000000, 'é')`,
        `DELETE FROM big`,
      ),
    truth: 'none', // random
  })
  .add('names with quotes, blanks, unicode, reserved words', {
    changes: `${oddTable}.I, ${oddTable}.U×${oddColumns.length}, ${oddTable}.D`,
    run: (app) =>
      queries(
        app,
        `INSERT INTO ${odd} (id) VALUES (1)`,
        ...oddColumns.map((name) => `UPDATE ${odd} SET ${quote(name)} = 'value of ${name.replaceAll(`'`, `''`)}'`),
        `DELETE FROM ${odd}`,
      ),
  })
  .add('a table named select', {
    changes: 'select.I, select.U, select.D',
    run: (app) =>
      queries(
        app,
        `INSERT INTO "select" VALUES (1, 'x')`,
        `UPDATE "select" SET "where" = NULL`,
        `DELETE FROM "select"`,
      ),
  })
  .add('rows without a key, some alike', {
    changes: 'keyless.I×4, keyless.U×2, keyless.D×2',
    run: (app) =>
      queries(
        app,
        `INSERT INTO keyless VALUES (1, 'a'), (1, 'a'), (NULL, 'b'), (NULL, 'b')`,
        `UPDATE keyless SET v = 'z' WHERE id = 1`,
        `DELETE FROM keyless WHERE id IS NULL`,
      ),
  })
  .add('NULL in a key', {
    changes: 'nullkey.I×2, nullkey.U, nullkey.D',
    run: (app) =>
      queries(
        app,
        `INSERT INTO nullkey VALUES (NULL, 'a'), (NULL, 'b')`,
        `UPDATE nullkey SET code = 'null' WHERE v = 'a'`,
        `DELETE FROM nullkey WHERE code IS NULL`,
      ),
  })
  .add('a column named __proto__', {
    changes: 'proto.I, proto.U, proto.D',
    run: (app) =>
      queries(app, `INSERT INTO proto VALUES (1, 'x')`, `UPDATE proto SET __proto__ = 'y'`, `DELETE FROM proto`),
  }).paths;
