import { Value } from 'typebox/value';
import { describe, expect, it } from 'vitest';
import { Flush, Stats } from '../../src/http/schemas';
import { createDataSource } from '../../src/index';
import { afterTest, temporaryFile } from '../support/databases';
import { countRows, databaseWithPending, dataOf, fixture, textOf } from './command';

describe('migrate', () => {
  it('creates a database, says so, and has nothing to do afterwards', async () => {
    const file = temporaryFile('new/notes.sqlite');
    const args = ['migrate', '--url', `sqlite:${file}`];
    const first = await textOf(args);
    expect(first).toContain(`Created the database ${file}.\n`);
    expect(first).toMatch(/^Ran 3 migrations on .*: AuditSchema\d+, AuditSchemaMoves\d+, AuditRollupActors\d+\.$/m);
    expect(await textOf(args)).toBe(`Nothing was pending: the audit tables of ${file} are up to date.\n`);
  });

  it('prints the same as JSON', async () => {
    const file = temporaryFile();
    const first = await dataOf(['migrate'], { env: { DATABASE_URL: `sqlite:${file}` } });
    expect(first).toEqual({
      database: file,
      database_type: 'sqlite_optimized',
      created: true,
      migrations_run: [/^AuditSchema\d+$/, /^AuditSchemaMoves\d+$/, /^AuditRollupActors\d+$/].map((name): unknown =>
        expect.stringMatching(name),
      ),
      log_id: expect.stringMatching(/^[\da-f-]{36}$/) as string,
      warnings: [],
    });
    const second = await dataOf(['migrate', '--url', `sqlite:${file}`]);
    expect(second).toEqual({ ...first, created: false, migrations_run: [] });
  });

  it('runs for a DataSource that leaves its audit tables to it', async () => {
    const env = { NOTES_DATABASE: temporaryFile() };
    const args = ['--data-source', fixture('own-options.cjs')];
    expect(await dataOf(['migrate', ...args], { env })).toMatchObject({
      migrations_run: [expect.any(String), expect.any(String), expect.any(String)],
    });
    expect(await dataOf(['stats', ...args], { env })).toMatchObject({ total_entries: 0 });
  });

  it("does not run the application's own schema changes", async () => {
    const file = await databaseWithPending(3);
    const env = { NOTES_DATABASE: file };
    expect(await dataOf(['migrate', '--data-source', fixture('named.cjs')], { env })).toMatchObject({ created: false });
    expect(countRows(file)).toEqual({ pending: 3, entries: 0, notes: 3 });
  });
});

describe('stats', () => {
  it('prints a table for people', async () => {
    const file = await databaseWithPending(2);
    const text = await textOf(['stats', '--url', `sqlite:${file}`]);
    expect(text).toMatch(/^database +\S+notes\.sqlite, better-sqlite3 \(SQLite \d/m);
    expect(text).toMatch(/^strategy +sqlite_optimized, /m);
    expect(text).toMatch(/^waiting +2 changes, the oldest for \d+\.\d s$/m);
    expect(text).toMatch(/^in the log +0 entries$/m);
    expect(text).toMatch(/^audited +known with --data-source only$/m);
    await textOf(['flush', '--url', `sqlite:${file}`]);
    const later = await textOf(['stats', '--data-source', fixture('named.cjs')], { env: { NOTES_DATABASE: file } });
    expect(later).toMatch(/^waiting +nothing$/m);
    expect(later).toMatch(/^in the log +2 entries$/m);
    expect(later).toMatch(/^ {2}insert +2$/m);
    expect(later).toMatch(/^audited +note$/m);
  });

  it('prints what GET /stats answers, and drains nothing', async () => {
    const file = await databaseWithPending(2);
    const stats = await dataOf(['stats', '--url', `sqlite:${file}`]);
    expect(Value.Errors(Stats, stats)).toEqual([]);
    expect(stats).toMatchObject({
      pending_count: 2,
      database_type: 'sqlite_optimized',
      deferred_mode: true,
      commit_interval: 5,
      batch_size: 50,
      total_entries: 0,
      entries_by_operation: {},
    });
    expect(countRows(file)).toEqual({ pending: 2, entries: 0, notes: 2 });
  });
});

describe('flush', () => {
  it('drains the outbox', async () => {
    const file = await databaseWithPending(120);
    const args = ['flush', '--url', `sqlite:${file}`];
    const flush = await dataOf(args);
    expect(Value.Errors(Flush, flush)).toEqual([]);
    expect(flush).toMatchObject({ flushed: 120, pending_count: 0 });
    expect(countRows(file)).toEqual({ pending: 0, entries: 120, notes: 120 });
    expect(await textOf(args)).toMatch(/^flushed +0 entries in \d+\.\d ms\nwaiting +nothing\n$/);
  });

  it('works beside an application that has the database open', async () => {
    const file = await databaseWithPending(5);
    const dataSource = createDataSource(`sqlite:${file}`, { audit: { drain: false } });
    await dataSource.initialize();
    afterTest(() => dataSource.destroy());
    expect(await dataOf(['flush', '--url', `sqlite:${file}`])).toMatchObject({ flushed: 5, pending_count: 0 });
  });
});
