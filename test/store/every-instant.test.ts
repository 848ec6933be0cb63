import { expect, it } from 'vitest';
import { compareRollups } from '../crash/oracle/read-log';
import { readDatabase } from '../crash/oracle/snapshot';
import { audited, temporaryFile } from '../support/databases';
import { Note } from '../support/note';
import { column, type SqliteFile } from '../support/sqlite';

it('roll-ups and what is pending together are a full count, at every instant another connection looks', async () => {
  const file = temporaryFile();
  const { dataSource, trail } = await audited([Note], { url: `sqlite:${file}`, drain: true });
  const notes = dataSource.getRepository(Note);
  const total = (database: SqliteFile, sql: string) => column(database, sql)[0] as number;
  const seen = new Set<string>();
  for (let round = 0; round < 60; round += 1) {
    await notes.insert(Array.from({ length: 20 }, () => ({ text: `of ${round}` })));
    const [pending, counted, rolledUp, notesThere, problems] = readDatabase(
      file,
      (database): [number, number, number, number, string[]] => [
        total(database, 'SELECT count(*) FROM audit_outbox'),
        total(database, 'SELECT count(*) FROM audit_entry'),
        total(database, `SELECT coalesce(sum(entries), 0) FROM audit_rollup WHERE period = 'total'`),
        total(database, 'SELECT count(*) FROM note'),
        compareRollups(database),
      ],
    );
    expect(problems).toEqual([]);
    expect(rolledUp).toBe(counted);
    expect(pending + rolledUp).toBe(notesThere);
    seen.add(`${pending > 0} ${counted > 0}`);
    if (round % 20 === 19) await trail.flush();
  }
  expect(seen).toContain('true true');
});
