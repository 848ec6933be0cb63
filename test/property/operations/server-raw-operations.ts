import { keyOf, nowhere } from '../keys';
import { bigOf, realOf, textOf, wordOf } from '../values';
import { done, type Operation } from './operation';

/** T-SQL as an application writes it. */
export const serverRawOperations = {
  'raw server INSERT': ({ manager, id, owner, token, value }) =>
    done(
      manager.query(`INSERT INTO book (id, owner, token, title, price, version) VALUES (@0, @1, @2, @3, @4, 1)`, [
        ...[id, owner, token, `${owner}-${value % 5}`, realOf(value)],
      ]),
    ),
  'raw server INSERT SELECT': ({ manager, owner, token }) =>
    done(
      manager.query(`INSERT INTO note (owner, token, body) SELECT owner, @0, handle FROM author WHERE owner = @1`, [
        token,
        owner,
      ]),
    ),
  'raw server INSERT of two': ({ manager, id, otherId, owner, token }) =>
    done(
      manager.query(
        `INSERT INTO book (id, owner, token, title, version) VALUES (@0, @1, @2, @3, 1), (@4, @1, @2, @5, 1)`,
        [id, owner, token, `${owner}-3`, otherId, `${owner}-${otherId % 5}`],
      ),
    ),
  'raw server UPDATE': ({ manager, id, value, token }) =>
    done(manager.query(`UPDATE author SET secret = @0, token = @1 WHERE id = @2`, [textOf(value), token, id])),
  'raw server UPDATE without token': ({ manager, owner, value }) =>
    done(
      manager.query(`UPDATE book SET price = @0, big = @1 WHERE owner = @2`, [realOf(value), bigOf(value + 3), owner]),
    ),
  'raw server UPDATE or INSERT': ({ manager, id, owner, token, value }) =>
    done(
      manager.query(
        `UPDATE tag SET label = @0, token = @1 WHERE id = @2;
        IF @@ROWCOUNT = 0 INSERT INTO tag (id, owner, token, label) VALUES (@2, @3, @1, @0)`,
        [wordOf(value), token, id, owner],
      ),
    ),
  'raw server UPDATE FROM': ({ manager, owner, token }) =>
    done(
      manager.query(
        `UPDATE b SET token = @0, big = a.score FROM book b JOIN author a ON b.[authorId] = a.id WHERE b.owner = @1`,
        [token, owner],
      ),
    ),
  'raw server UPDATE of the key': ({ manager, id, owner, value, token }) =>
    done(
      manager.query(`UPDATE author SET id = @0, token = @1 WHERE id = @2`, [keyOf(owner, value % nowhere), token, id]),
    ),
  'raw server WITH UPDATE': ({ manager, owner, token }) =>
    done(
      manager.query(
        `WITH mine AS (SELECT id FROM tag WHERE owner = @0) UPDATE tag SET token = @1 WHERE id IN (SELECT id FROM mine)`,
        [owner, token],
      ),
    ),
  'raw server loop': ({ manager, owner, token, value }) =>
    done(
      manager.query(
        `DECLARE @left int = @2;
        WHILE @left > 0 BEGIN INSERT INTO note (owner, token, body) VALUES (@0, @1, CONCAT('n', @left)); SET @left = @left - 1; END`,
        [owner, token, value % 3],
      ),
    ),
  'raw server DELETE': ({ manager, id }) => done(manager.query(`DELETE FROM author WHERE id = @0`, [id])),
  'raw server DELETE of notes': ({ manager, owner, value }) =>
    done(manager.query(`DELETE FROM note WHERE owner = @0 AND LEN(body) < @1`, [owner, value])),
  'raw server DELETE of all': ({ manager, owner }) => done(manager.query(`DELETE FROM book WHERE owner = @0`, [owner])),
  'raw server SELECT': ({ manager, owner }) =>
    manager.query(`SELECT id, title, price FROM book WHERE owner = @0 ORDER BY id`, [owner]),
} satisfies Record<string, Operation>;
