import Database from 'better-sqlite3';
import { expect, it } from 'vitest';
import { SqliteEngine } from '../../src/dialect/sqlite/better-sqlite3/engine';
import { sqliteCheckSql } from '../../src/dialect/sqlite/check-sql';
import { sqliteStoreSql } from '../../src/dialect/sqlite/store-sql';
import { RecordedNames } from '../../src/model/recorded-names';
import { TrailQueries } from '../../src/readers/trail-queries';
import { afterTest, audited, temporaryFile } from '../support/databases';
import { Note } from '../support/note';

it('answers stats() with two queries of the log and dashboard() with four', async () => {
  const file = temporaryFile();
  const { dataSource, trail } = await audited([Note], { url: `sqlite:${file}` });
  await dataSource.getRepository(Note).save([{ text: 'a' }, { text: 'b' }]);
  await trail.flush();
  const statements: unknown[] = [];
  const database = new Database(file, { readonly: true, verbose: (sql) => statements.push(sql) });
  afterTest(() => void database.close());
  const engine = new SqliteEngine(database);
  const queries = new TrailQueries(
    { storeSql: sqliteStoreSql, checkSql: sqliteCheckSql },
    new RecordedNames({}, []),
    false,
  );
  const count = (ask: () => unknown): number => {
    statements.length = 0;
    ask();
    return statements.length;
  };
  // The first reads the column maps as well, once and for all.
  expect(queries.dashboard(engine, { settledUpTo: Date.now() }).latest).toHaveLength(2);
  expect(count(() => queries.dashboard(engine, { settledUpTo: Date.now() }))).toBe(4);
  expect(count(() => queries.stats(engine))).toBe(2);
});
