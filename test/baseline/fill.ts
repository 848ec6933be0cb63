import Database from 'better-sqlite3';
import type { MixedList } from 'typeorm';
import { stock, temporaryFile } from '../support/databases';

/** A database file with the tables of these entities, made and filled without the library. */
export async function oldDatabase(
  // eslint-disable-next-line @typescript-eslint/no-unsafe-function-type -- TypeORM's own type of an entity
  entities: MixedList<Function>,
  fill: (database: Database.Database) => void = () => undefined,
): Promise<string> {
  const file = temporaryFile();
  const dataSource = await stock(entities, file);
  await dataSource.destroy();
  behindTheBack(file, fill);
  return file;
}

/** What somebody else does with the file, through a connection that no trail sees. */
export function behindTheBack<T>(file: string, act: (database: Database.Database) => T): T {
  const database = new Database(file, { timeout: 10_000 });
  try {
    return act(database);
  } finally {
    database.close();
  }
}

/** Rows of `Item`: values in every storage class, some that have no canonical form. */
export function fillItems(database: Database.Database, count: number): void {
  const insert = database.prepare(
    'INSERT INTO item (id, name, note, price, stock, active, meta, madeAt, picture) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)',
  );
  database.transaction(() => {
    for (let id = 1; id <= count; id += 1) {
      insert.run(
        id,
        `item ${id}`,
        id % 3 === 0 ? null : `note "${id}"\n`,
        id / 4,
        9_007_199_254_740_993n + BigInt(id),
        id % 7 === 0 ? 'maybe' : BigInt(id % 2),
        id % 5 === 0 ? '{"not": "as stringify has it"}' : JSON.stringify({ id, tags: ['a', 'b'], deep: { yes: true } }),
        '2026-01-31 12:00:00.120',
        id % 2 === 0 ? Buffer.from([0, id % 256, 255]) : null,
      );
    }
  })();
}
