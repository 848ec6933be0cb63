import type Database from 'better-sqlite3';
import { tables } from './entities';
import { keyOf } from './keys';

/** Empties the tables and gives each flow rows to start with; the same text for the same number of flows. */
export function seed(database: Database.Database, flows: number): void {
  const owners = Array.from({ length: flows }, (_, index) => index + 1);
  const insert = (into: string, rowsOf: (owner: number) => string[]): void => {
    database.exec(`INSERT INTO ${into} VALUES ${owners.flatMap(rowsOf).join(', ')}`);
  };
  database.transaction(() => {
    for (const table of tables) database.exec(`DELETE FROM ${table}`);
    insert('author (id, owner, handle, score, secret, meta)', (owner) => {
      const [first, second] = [keyOf(owner, 0), keyOf(owner, 1)];
      return [
        `(${first}, ${owner}, '${owner}-eve', 7, 'hidden', '{"a":1}')`,
        `(${second}, ${owner}, '${owner}-Ann', 'x', NULL, NULL)`,
      ];
    });
    insert('book (id, owner, title, price, big, version, authorId, editorId)', (owner) => {
      const [first, second] = [keyOf(owner, 0), keyOf(owner, 1)];
      return [
        `(${first}, ${owner}, '${owner}-0', 1.5, 1, 1, ${first}, ${second})`,
        `(${second}, ${owner}, '${owner}-first', -0.0, 9007199254740993, 1, ${second}, ${first})`,
        `(${keyOf(owner, 2)}, ${owner}, '${owner}-second', NULL, NULL, 1, ${first}, NULL)`,
      ];
    });
    insert('tag (id, owner, label, data)', (owner) => [
      `(${keyOf(owner, 0)}, ${owner}, 'red', NULL)`,
      `(${keyOf(owner, 1)}, ${owner}, 'RED', x'00')`,
    ]);
    insert('book_tag ("bookId", "tagId")', (owner) =>
      [
        [0, 0],
        [0, 1],
        [1, 1],
      ].map(([book, tag]) => `(${keyOf(owner, book!)}, ${keyOf(owner, tag!)})`),
    );
    insert('note (owner, body, "bookId")', (owner) =>
      [0, 1, 2].map((slot) => `(${owner}, 'note ${slot}', ${keyOf(owner, slot)})`),
    );
    insert('scrap (owner)', (owner) => [`(${owner})`]);
  })();
}
