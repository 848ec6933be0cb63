import { keyOf, nowhere } from '../keys';
import { literalOf, wordOf } from '../values';
import { type Call, done, type Operation } from './operation';

const columnOf = (value: number): string => (value % 2 ? 'score' : 'secret');

const insertBook = (clause: string, { manager, id, owner, value, token }: Call): Promise<unknown> =>
  manager.query(
    `${clause} INTO book (id, owner, token, title, price, version) VALUES (?, ?, ?, ?, ${literalOf(value)}, 1)`,
    [id, owner, token, `${owner}-${value % 5}`],
  );

/** Two rows by one statement, the second of which may collide. */
const insertTwo = (clause: string, { manager, id, otherId, owner, token }: Call): Promise<unknown> =>
  manager.query(`${clause} INTO book (id, owner, token, title, version) VALUES (?, ?, ?, ?, 1), (?, ?, ?, ?, 1)`, [
    ...[id, owner, token, `${owner}-3`],
    ...[otherId, owner, token, `${owner}-${otherId % 5}`],
  ]);

/** SQL as an application writes it: what has no entity in sight. */
export const rawOperations = {
  'raw INSERT': (call) => done(insertBook('INSERT', call)),
  'raw INSERT OR REPLACE': (call) => done(insertBook('INSERT OR REPLACE', call)),
  'raw REPLACE': (call) => done(insertTwo('REPLACE', call)),
  'raw INSERT OR IGNORE': (call) => done(insertTwo('INSERT OR IGNORE', call)),
  'raw INSERT OR FAIL': (call) => done(insertTwo('INSERT OR FAIL', call)),
  'raw INSERT OR ROLLBACK': (call) => done(insertTwo('INSERT OR ROLLBACK', call)),
  'raw INSERT SELECT': ({ manager, owner, token }) =>
    done(
      manager.query(`INSERT INTO note (owner, token, body) SELECT owner, ?, handle FROM author WHERE owner = ?`, [
        token,
        owner,
      ]),
    ),
  'raw INSERT RETURNING': ({ manager, owner, token }) =>
    manager.query(`INSERT INTO note (owner, token, body) VALUES (?, ?, 'a'), (?, ?, 'b') RETURNING body, token`, [
      ...[owner, token],
      ...[owner, token],
    ]),
  'raw ON CONFLICT DO UPDATE': ({ manager, id, owner, token, value }) =>
    done(
      manager.query(
        `INSERT INTO author (id, owner, token, handle) VALUES (?, ?, ?, ?)
        ON CONFLICT (id) DO UPDATE SET handle = excluded.handle, token = excluded.token`,
        [id, owner, token, `${owner}-${wordOf(value)}`],
      ),
    ),
  'raw UPDATE': ({ manager, id, value, token }) =>
    done(
      manager.query(`UPDATE author SET ${columnOf(value)} = ${literalOf(value)}, token = ? WHERE id = ?`, [token, id]),
    ),
  'raw UPDATE without token': ({ manager, owner, value }) =>
    done(
      manager.query(`UPDATE book SET price = ${literalOf(value)}, big = ${literalOf(value + 3)} WHERE owner = ?`, [
        owner,
      ]),
    ),
  'raw UPDATE of any column': ({ manager, id, value }) =>
    done(
      manager.query(
        `UPDATE tag SET data = ${literalOf(value)}, label = ${literalOf(value % 2 ? 17 : 6)} WHERE id = ?`,
        [id],
      ),
    ),
  'raw UPDATE RETURNING': ({ manager, owner, token }) =>
    manager.query(`UPDATE tag SET token = ? WHERE owner = ? RETURNING id, label`, [token, owner]),
  'raw UPDATE OR REPLACE': ({ manager, id, owner, value, token }) =>
    done(
      manager.query(`UPDATE OR REPLACE book SET title = ?, token = ? WHERE id = ?`, [
        `${owner}-${value % 5}`,
        token,
        id,
      ]),
    ),
  'raw UPDATE OR IGNORE': ({ manager, owner }) =>
    done(
      manager.query(`UPDATE OR IGNORE author SET handle = owner || '-ann', score = score + 1 WHERE owner = ?`, [owner]),
    ),
  'raw UPDATE FROM': ({ manager, owner, token }) =>
    done(
      manager.query(
        `UPDATE book SET token = ?, big = author.score FROM author WHERE book.authorId = author.id AND book.owner = ?`,
        [token, owner],
      ),
    ),
  'raw UPDATE of the key': ({ manager, id, owner, value, token }) =>
    done(manager.query(`UPDATE author SET id = ?, token = ? WHERE id = ?`, [keyOf(owner, value % nowhere), token, id])),
  // Negative ones collide with none, and leave the order of the flow's own rows to the flow.
  'raw UPDATE of the rowid': ({ manager, owner }) =>
    done(
      manager.query(`UPDATE note SET serial = -serial WHERE serial = (SELECT max(serial) FROM note WHERE owner = ?)`, [
        owner,
      ]),
    ),
  'raw WITH UPDATE': ({ manager, owner, token }) =>
    done(
      manager.query(
        `WITH mine AS (SELECT id FROM tag WHERE owner = ?) UPDATE tag SET token = ? WHERE id IN (SELECT id FROM mine)`,
        [owner, token],
      ),
    ),
  'raw DELETE': ({ manager, id }) => done(manager.query(`DELETE FROM author WHERE id = ?`, [id])),
  'raw DELETE RETURNING': ({ manager, owner, value }) =>
    manager.query(`DELETE FROM note WHERE owner = ? AND length(body) < ? RETURNING body`, [owner, value]),
  'raw DELETE of all': ({ manager, owner }) => done(manager.query(`DELETE FROM book WHERE owner = ?`, [owner])),
  'raw SAVEPOINT': async ({ manager, owner, token, value, isInTransaction }) => {
    if (!isInTransaction) return;
    await manager.query(`SAVEPOINT mine`);
    await manager.query(`UPDATE tag SET label = label || '!' WHERE owner = ?`, [owner]);
    if (value % 2) await manager.query(`ROLLBACK TO mine`);
    await manager.query(`UPDATE tag SET token = ? WHERE owner = ?`, [token, owner]);
    await manager.query(`RELEASE mine`);
  },
  // The triggers of the capture are taken away for it, and have to be there again at the commit.
  'raw CREATE INDEX': ({ manager, value }) =>
    done(
      manager.query(
        value % 3 ? 'CREATE INDEX IF NOT EXISTS by_price ON book (price)' : 'DROP INDEX IF EXISTS by_price',
      ),
    ),
  'raw SELECT': ({ manager, owner }) =>
    manager.query(
      `SELECT id, title, typeof(price) AS type, quote(price) AS price FROM book WHERE owner = ? ORDER BY id`,
      [owner],
    ),
  'business event': (call) => call.record(call.token),
} satisfies Record<string, Operation>;
