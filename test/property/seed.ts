import type Database from 'better-sqlite3';
import type { DataSource } from 'typeorm';
import { tables } from './entities';
import { keyOf } from './keys';

/** Literals that are not the same everywhere. */
interface Literals {
  /** For a column of numbers, where that takes a text. */
  score: string;
  bytes: string;
}

/** Empties the tables and gives each flow rows to start with; the same text for the same number of flows. */
export function seed(database: Database.Database, flows: number): void {
  const statements = statementsOf(flows, { score: `'x'`, bytes: `x'00'` });
  database.transaction(() => statements.forEach((statement) => database.exec(statement)))();
}

/** The same on a server, whose columns take what is of their type. */
export async function seedServer(dataSource: DataSource, flows: number): Promise<void> {
  const statements = statementsOf(flows, { score: 'NULL', bytes: `'00'` });
  await dataSource.query(`SET XACT_ABORT ON; BEGIN TRANSACTION; ${statements.join('; ')}; COMMIT TRANSACTION`);
}

function statementsOf(flows: number, { score, bytes }: Literals): string[] {
  const owners = Array.from({ length: flows }, (_, index) => index + 1);
  const insert = (into: string, rowsOf: (owner: number) => string[]): string =>
    `INSERT INTO ${into} VALUES ${owners.flatMap(rowsOf).join(', ')}`;
  return [
    ...tables.map((table) => `DELETE FROM ${table}`),
    insert('author (id, owner, handle, score, secret, meta)', (owner) => {
      const [first, second] = [keyOf(owner, 0), keyOf(owner, 1)];
      return [
        `(${first}, ${owner}, '${owner}-eve', 7, 'hidden', '{"a":1}')`,
        `(${second}, ${owner}, '${owner}-Ann', ${score}, NULL, NULL)`,
      ];
    }),
    insert('book (id, owner, title, price, big, version, "authorId", "editorId")', (owner) => {
      const [first, second] = [keyOf(owner, 0), keyOf(owner, 1)];
      return [
        `(${first}, ${owner}, '${owner}-0', 1.5, 1, 1, ${first}, ${second})`,
        `(${second}, ${owner}, '${owner}-first', -0.0, 9007199254740993, 1, ${second}, ${first})`,
        `(${keyOf(owner, 2)}, ${owner}, '${owner}-second', NULL, NULL, 1, ${first}, NULL)`,
      ];
    }),
    insert('tag (id, owner, label, data)', (owner) => [
      `(${keyOf(owner, 0)}, ${owner}, 'red', NULL)`,
      `(${keyOf(owner, 1)}, ${owner}, 'RED', ${bytes})`,
    ]),
    insert('book_tag ("bookId", "tagId")', (owner) =>
      [
        [0, 0],
        [0, 1],
        [1, 1],
      ].map(([book, tag]) => `(${keyOf(owner, book!)}, ${keyOf(owner, tag!)})`),
    ),
    insert('note (owner, body, "bookId")', (owner) =>
      [0, 1, 2].map((slot) => `(${owner}, 'note ${slot}', ${keyOf(owner, slot)})`),
    ),
    insert('scrap (owner)', (owner) => [`(${owner})`]),
  ];
}
