import Database from 'better-sqlite3';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  auditContext,
  AuditDatabaseUnavailableError,
  AuditTrail,
  createDataSource,
  InvalidOptionError,
  LogConflictError,
  RowDiffersError,
} from '../../src/index';
import { compareRollups } from '../crash/oracle/read-log';
import { readDatabase } from '../crash/oracle/snapshot';
import { afterTest, audited, temporaryFile } from '../support/databases';
import { Note } from '../support/note';
import { column } from '../support/sqlite';

/** An application on a file, whose audit database is another. */
async function shipped(options: { drain?: boolean; onWarning?: (message: string) => void } = {}) {
  const file = temporaryFile();
  const audit = temporaryFile('audit.sqlite');
  const made = await audited([Note], { url: `sqlite:${file}`, auditDatabase: `sqlite:${audit}`, ...options });
  return { ...made, file, audit, notes: made.dataSource.getRepository(Note) };
}

function change(file: string, sql: string): void {
  const database = new Database(file);
  database.exec(sql);
  database.close();
}

const left = (file: string) =>
  readDatabase(file, (database) =>
    ['audit_outbox', 'audit_entry', 'audit_context', 'audit_rollup'].flatMap((table) =>
      column(database, `SELECT count(*) FROM ${table}`),
    ),
  );

describe('a separate audit database', () => {
  it('has every entry, and the application keeps none', async () => {
    const { file, audit, trail, notes } = await shipped();
    const { id } = await auditContext.run({ actor: 'ann', reason: 'first' }, () => notes.save({ text: 'one' }));
    await notes.update(id, { text: 'two' });
    expect(await trail.stats()).toMatchObject({ pendingCount: 2, deferredMode: true, totalEntries: 0 });
    expect(await trail.flush()).toMatchObject({ flushed: 2, pendingCount: 0 });
    const { entries } = await trail.recent();
    expect(entries).toMatchObject([
      { operation: 'update', seq: 2, before: { text: 'one' }, after: { text: 'two' } },
      { operation: 'insert', seq: 1, actor: 'ann', reason: 'first', after: { text: 'one' } },
    ]);
    expect(await trail.stats()).toMatchObject({
      pendingCount: 0,
      totalEntries: 2,
      entriesByOperation: { insert: 1, update: 1 },
      auditDatabase: { databaseType: 'sqlite_optimized', reachable: true, lagMs: 0, lastError: null },
    });
    expect(left(file)).toEqual([0, 0, 0, 0]);
    expect(readDatabase(audit, compareRollups)).toEqual([]);
    expect(await trail.history(Note, id)).toMatchObject({ entries: [{ seq: 2 }, { seq: 1 }] });
    expect(await trail.asOf(Note, id, { beforeEntry: entries[0]!.id })).toMatchObject({
      image: { text: 'one' },
      unrestorable: [],
    });
    expect(await trail.dashboard()).toMatchObject({ totalEntries: 2, pendingCount: 0, latest: [{}, {}] });
    const before = Date.now();
    await notes.update(id, { text: 'three' });
    const { pendingCount, completeUpTo, entries: latest } = await trail.recent();
    expect({ pendingCount, entries: latest.length }).toEqual({ pendingCount: 1, entries: 2 });
    expect(Date.parse(completeUpTo)).toBeLessThanOrEqual(Date.now());
    expect(Date.parse(completeUpTo)).toBeGreaterThanOrEqual(before);
    expect(await trail.dashboard()).toMatchObject({ pendingCount: 1, totalEntries: 2 });
  });

  it('gets what comes in the background too, without anybody who asks for it', async () => {
    const { trail, notes } = await shipped({ drain: true });
    await notes.insert(Array.from({ length: 120 }, (_, index) => ({ text: String(index) })));
    await expect.poll(async () => (await trail.recent({ limit: 500 })).entries.length).toBe(120);
  });

  it('takes over the log that was there before, and goes back to be without one', async () => {
    const file = temporaryFile();
    const first = await audited([Note], { url: `sqlite:${file}` });
    await first.dataSource.getRepository(Note).insert([{ text: 'one' }, { text: 'two' }]);
    await first.trail.flush();
    await first.dataSource.destroy();
    const audit = temporaryFile('audit.sqlite');
    const second = await audited([Note], { url: `sqlite:${file}`, auditDatabase: `sqlite:${audit}` });
    await second.dataSource.getRepository(Note).update(1, { text: 'three' });
    expect(await second.trail.flush()).toMatchObject({ flushed: 3 });
    expect(left(file)).toEqual([0, 0, 0, 0]);
    await second.dataSource.destroy();
    const third = await audited([Note], { url: `sqlite:${file}` });
    await third.dataSource.getRepository(Note).update(1, { text: 'four' });
    await third.trail.flush();
    expect((await third.trail.recent()).entries).toMatchObject([{ seq: 4, after: { text: 'four' } }]);
    expect(readDatabase(file, compareRollups)).toEqual([]);
  });

  it('is not needed to write: nothing is lost while it is out of reach, and reading says so', async () => {
    const audit = join(dirname(temporaryFile()), 'mounted', 'audit.sqlite');
    // Where the folder should be.
    writeFileSync(dirname(audit), '');
    const warnings: string[] = [];
    const { dataSource, trail } = await audited([Note], {
      url: `sqlite:${temporaryFile()}`,
      auditDatabase: `sqlite:${audit}`,
      onWarning: (message) => warnings.push(message),
    });
    const notes = dataSource.getRepository(Note);
    await notes.insert({ text: 'one' });
    await expect(trail.flush()).rejects.toThrow(AuditDatabaseUnavailableError);
    await notes.update(1, { text: 'two' });
    await expect(trail.flush()).rejects.toThrow(AuditDatabaseUnavailableError);
    await expect(trail.recent()).rejects.toMatchObject({ code: 'AUDIT_DATABASE_UNAVAILABLE', statusCode: 503 });
    await expect(trail.history(Note, 1)).rejects.toThrow(AuditDatabaseUnavailableError);
    expect(await trail.stats()).toMatchObject({
      pendingCount: 2,
      totalEntries: 0,
      flushFailures: 3,
      auditDatabase: { databaseType: null, reachable: false, totalsAt: null, lastError: expect.any(String) as string },
    });
    expect(warnings).toEqual([expect.stringContaining('a delivery to the audit database failed')]);
    rmSync(dirname(audit));
    mkdirSync(dirname(audit));
    expect(await trail.flush()).toMatchObject({ flushed: 2, pendingCount: 0 });
    expect(warnings).toHaveLength(2);
    expect((await trail.recent()).entries).toMatchObject([{ seq: 2 }, { seq: 1 }]);
    expect(await trail.stats()).toMatchObject({ totalEntries: 2, auditDatabase: { lastError: null, reachable: true } });
  });

  it('takes no entry that tells a known change differently, and loses none for it', async () => {
    const { file, audit, trail, notes } = await shipped();
    await notes.insert([{ text: 'one' }, { text: 'two' }]);
    await trail.flush();
    // As if the process had been killed between the delivery and the removal …
    change(
      file,
      `ATTACH '${audit}' AS audit;
       INSERT INTO audit_entry (id, transaction_id, entity, table_name, entity_id, operation, after_image, changed_fields,
         schema_version, recorded_at, codec)
       SELECT seq, transaction_id, entity, table_name, entity_id, operation, after_image, changed_fields,
         schema_version, recorded_at, codec FROM audit.audit_entry`,
    );
    // … and the context had not been there.
    change(audit, `UPDATE audit_entry SET context_id = NULL`);
    change(audit, `UPDATE audit_entry SET after_image = replace(after_image, 'two', '2') WHERE seq = 2`);
    await notes.insert({ text: 'three' });
    await expect(trail.flush()).rejects.toThrow(LogConflictError);
    expect(await trail.stats()).toMatchObject({ pendingCount: 3, totalEntries: 2 });
    change(audit, `UPDATE audit_entry SET after_image = replace(after_image, '"2"', '"two"') WHERE seq = 2`);
    expect(await trail.flush()).toMatchObject({ flushed: 3, pendingCount: 0 });
    expect(await trail.stats()).toMatchObject({ totalEntries: 3 });
    expect(readDatabase(audit, compareRollups)).toEqual([]);
  });

  it('is shared by applications, each of which finds the history of its own rows', async () => {
    const audit = temporaryFile('audit.sqlite');
    const [here, there] = await Promise.all(
      [1, 2].map(() => audited([Note], { url: `sqlite:${temporaryFile()}`, auditDatabase: `sqlite:${audit}` })),
    );
    for (const [name, { dataSource, trail }] of Object.entries({ here: here!, there: there! })) {
      await dataSource.getRepository(Note).insert({ text: name });
      await dataSource.getRepository(Note).update(1, { text: `${name} again` });
      await trail.flush();
    }
    for (const [name, { trail }] of Object.entries({ here: here!, there: there! })) {
      const { entries } = await trail.history(Note, 1);
      expect(entries).toMatchObject([{ after: { text: `${name} again` } }, { after: { text: name } }]);
      expect(await trail.asOf(Note, 1, new Date())).toMatchObject({ image: { text: `${name} again` } });
      expect(await trail.stats()).toMatchObject({ totalEntries: 4 });
    }
    expect((await here!.trail.recent()).entries.map(({ seq }) => seq)).toEqual([2, 1, 2, 1]);
  });

  it('is another database than that of the application', async () => {
    const file = temporaryFile();
    const { trail, dataSource } = await audited([Note], { url: `sqlite:${file}`, auditDatabase: `sqlite:${file}` });
    await dataSource.getRepository(Note).insert({ text: 'one' });
    await expect(trail.flush()).rejects.toThrow(InvalidOptionError);
    expect(await trail.stats()).toMatchObject({ pendingCount: 1 });
  });

  it('is delivered to when the application ends', async () => {
    const { file, audit, dataSource, notes } = await shipped({ drain: true });
    await notes.insert({ text: 'one' });
    await dataSource.destroy();
    expect(left(file)).toEqual([0, 0, 0, 0]);
    expect(readDatabase(audit, (database) => column(database, 'SELECT seq FROM audit_entry'))).toEqual([1]);
  });

  it('keeps the password of its URL out of errors', async () => {
    const auditDatabase = 'mssql://audit:secret@127.0.0.1:1/audit';
    const dataSource = createDataSource('sqlite::memory:', { entities: [Note], synchronize: true });
    const trail = await AuditTrail.attach(dataSource, { auditDatabase, drain: false });
    afterTest(() => dataSource.destroy());
    expect(trail.describe().auditDatabase).toBe('mssql://audit:***@127.0.0.1:1/audit');
    await dataSource.getRepository(Note).insert({ text: 'one' });
    const errors = await Promise.all([
      trail.flush().catch((error: unknown) => error),
      AuditTrail.attach(dataSource, { auditDatabase: `${auditDatabase}2` }).catch((error: unknown) => error),
    ]);
    for (const error of errors) {
      expect(error).toBeInstanceOf(Error);
      expect(`${String(error)} ${JSON.stringify(error)}`).not.toContain('secret');
    }
  });
});

describe('a row whose history is in a separate audit database', () => {
  it('is put back to what it was, through changes of its key, and the log stays as it was', async () => {
    const { file, audit, trail, notes, dataSource } = await shipped();
    await notes.insert([{ text: 'one' }, { text: 'other' }]);
    await notes.update(1, { text: 'two' });
    await trail.flush();
    const [second] = (await trail.history(Note, 1)).entries;
    await dataSource.query('UPDATE note SET id = 7 WHERE id = 1');
    await notes.update(7, { text: 'three' });
    const report = await auditContext.run({ actor: 'ann', reason: 'mistake' }, () =>
      trail.revert(Note, 7, { beforeEntry: second!.id }),
    );
    expect(report).toMatchObject({ operation: 'update', restored: ['id', 'text'] });
    expect(await notes.findOneBy({ id: 1 })).toMatchObject({ text: 'one' });
    await trail.flush();
    const { entries } = await trail.history(Note, 1);
    expect(entries[0]).toMatchObject({ operation: 'update', actor: 'ann', source: 'revert', after: { text: 'one' } });
    expect(entries.map(({ seq }) => seq)).toEqual([6, 5, 4, 3, 1]);
    expect(left(file)).toEqual([0, 0, 0, 0]);
    expect(readDatabase(audit, compareRollups)).toEqual([]);
    expect(await trail.stats()).toMatchObject({ totalEntries: 6 });
  });

  it('comes back where it was deleted, within a transaction too, and with it is gone again', async () => {
    const { trail, notes, dataSource } = await shipped();
    await notes.insert({ text: 'one' });
    await trail.flush();
    const [inserted] = (await trail.recent()).entries;
    await notes.delete(1);
    await trail.flush();
    const [deleted] = (await trail.recent()).entries;
    const failure = dataSource.transaction(async (manager) => {
      expect(await trail.revert(Note, 1, { beforeEntry: deleted!.id }, manager)).toMatchObject({ operation: 'insert' });
      expect(await manager.existsBy(Note, { id: 1 })).toBe(true);
      throw new Error('changed my mind');
    });
    await expect(failure).rejects.toThrow('changed my mind');
    expect(await trail.stats()).toMatchObject({ pendingCount: 0 });
    expect(await trail.revert(Note, 1, { beforeEntry: deleted!.id })).toMatchObject({ operation: 'insert' });
    expect(await notes.findOneBy({ id: 1 })).toMatchObject({ text: 'one' });
    expect(await trail.revert(Note, 1, { beforeEntry: inserted!.id })).toMatchObject({ operation: 'delete' });
    await trail.flush();
    expect(await trail.stats()).toMatchObject({ pendingCount: 0, totalEntries: 4 });
  });

  it('is left alone where it is not what the log says', async () => {
    const { file, trail, notes } = await shipped();
    await notes.insert({ text: 'one' });
    await trail.flush();
    change(file, `UPDATE note SET text = 'behind the back'`);
    const [inserted] = (await trail.recent()).entries;
    await expect(trail.revert(Note, 1, { beforeEntry: inserted!.id })).rejects.toThrow(RowDiffersError);
    expect(left(file)).toEqual([0, 0, 0, 0]);
  });
});
