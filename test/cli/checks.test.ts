import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { databaseWithPending, dataOf, failureOf, fixture, run, textOf } from './command';

/** What somebody does with the file past the application. */
function shell(file: string, sql: string): void {
  const database = new Database(file);
  database.exec(sql);
  database.close();
}

const addNotes = `INSERT INTO note (id, text) VALUES (101, 'old'), (102, 'older')`;
const withEntities = (file: string) => ({ env: { NOTES_DATABASE: file } });
const named = ['--data-source', fixture('named.cjs')];

describe('baseline', () => {
  it('records the rows that have no entry, and says so', async () => {
    const file = await databaseWithPending(3);
    shell(file, addNotes);
    const first = await textOf(['baseline', ...named, '--actor', 'anna', '--reason', 'first day'], withEntities(file));
    expect(first).toMatch(/^recorded +2 rows of 5 in \d+\.\d s; the others had entries\n {2}note +2 rows of 5\n$/);
    const second = await dataOf(['baseline', ...named], withEntities(file));
    expect(second).toEqual({
      rows: 5,
      recorded: 0,
      tables: [{ table: 'note', rows: 5, recorded: 0 }],
      skipped: [],
      duration_ms: expect.any(Number) as number,
    });
    const database = new Database(file, { readonly: true });
    const contexts = database.prepare(`SELECT actor, reason, source FROM audit_context WHERE source <> 'orm'`).all();
    database.close();
    expect(contexts).toEqual([{ actor: 'anna', reason: 'first day', source: 'audit-trail baseline' }]);
  });

  it('knows without entities the tables that are in the log', async () => {
    const file = await databaseWithPending(1);
    shell(file, addNotes);
    expect(await dataOf(['baseline', '--url', `sqlite:${file}`])).toMatchObject({ rows: 3, recorded: 2 });
    expect(await dataOf(['baseline', ...named], withEntities(file))).toMatchObject({ rows: 3, recorded: 0 });
  });
});

describe('doctor', () => {
  it('exits with 0 where nothing differs', async () => {
    const file = await databaseWithPending(3);
    const text = await textOf(['doctor', ...named], withEntities(file));
    expect(text).toMatch(/^compared +3 rows of 1 table in \d+\.\d s\ndifferent +none\n$/);
    expect(await textOf(['doctor', '--url', `sqlite:${file}`])).toMatch(/^different +none$/m);
  });

  it('exits with 1 and names the rows that were changed in a shell, until they are accepted', async () => {
    const file = await databaseWithPending(3);
    await textOf(['baseline', ...named], withEntities(file));
    shell(file, `UPDATE note SET text = 'x' WHERE id = 1; DELETE FROM note WHERE id = 2; ${addNotes}`);
    const { code, stdout, stderr } = await run(['doctor', '--url', `sqlite:${file}`]);
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    expect(stdout).toMatch(/^different +1 changed, 2 added, 1 missing from the table$/m);
    expect(stdout).toMatch(
      /^ {2}changed +Note \(note\) 1: text\n {2}added +Note \(note\) 101\n {2}added .*102\n {2}missing .* 2$/m,
    );
    expect(stdout).toContain('audit-trail doctor --accept');

    const json = await run(['doctor', ...named, '--json'], withEntities(file));
    expect(json.code).toBe(1);
    expect(JSON.parse(json.stdout)).toMatchObject({
      success: true,
      data: {
        rows: 4,
        counts: { changed: 1, added: 2, missing: 1, unknown: 0 },
        accepted: 0,
        differences: [{ kind: 'changed', table: 'note', entity: 'Note', entity_id: '1', fields: ['text'] }, {}, {}, {}],
      },
    });
    const accepted = await textOf(['doctor', ...named, '--accept', '--actor', 'anna'], withEntities(file));
    expect(accepted).toContain('Recorded 4 reconcile entries.');
    expect(await textOf(['doctor', ...named], withEntities(file))).toMatch(/^different +none$/m);
  });

  it('sends rows without an entry to baseline', async () => {
    const file = await databaseWithPending(1);
    shell(file, addNotes);
    const { code, stdout } = await run(['doctor', ...named], withEntities(file));
    expect(code).toBe(1);
    expect(stdout).toMatch(/^different +2 unknown to the trail$/m);
    expect(stdout).toContain('audit-trail baseline records them');
  });
});

it.each(['baseline', 'doctor'])('%s refuses an entity that nobody knows, which is wrong usage', async (command) => {
  const file = await databaseWithPending(0);
  const error = await failureOf([command, '--url', `sqlite:${file}`, '--entity', 'Order'], 2);
  expect(error).toMatchObject({
    code: 'AUDIT_UNKNOWN_ENTITY',
    message: 'There is no captured entity or table "Order".',
  });
});
