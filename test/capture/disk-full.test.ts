import type { DataSource } from 'typeorm';
import { describe, expect, it } from 'vitest';
import { AuditTrail, DatabaseFullError } from '../../src/index';
import { audited, temporaryFile } from '../support/databases';
import { Note } from '../support/note';

/** Pages that the file may grow by; undefined: as many as it likes. */
async function allow(dataSource: DataSource, pages: number | undefined): Promise<void> {
  const [row] = await dataSource.query<{ page_count: number }[]>('PRAGMA page_count');
  await dataSource.query(`PRAGMA max_page_count = ${pages === undefined ? 2 ** 31 : row!.page_count + pages}`);
}

const text = 'x'.repeat(1000);
const texts = async (dataSource: DataSource) =>
  (await dataSource.getRepository(Note).find({ order: { id: 'ASC' } })).map((note) => note.text.slice(0, 4));

describe('a full disk', () => {
  it('fails the changes that find no room, with nothing half-recorded, and lets the others go on afterwards', async () => {
    const { dataSource, trail } = await audited([Note], { url: `sqlite:${temporaryFile()}` });
    const notes = dataSource.getRepository(Note);
    await notes.insert({ text: 'before' });
    await allow(dataSource, 10);
    const written: string[] = [];
    const failures: unknown[] = [];
    for (let index = 0; failures.length < 3; index += 1) {
      const name = `${1000 + index}`;
      await notes.insert({ text: name + text }).then(
        () => written.push(name),
        (error: unknown) => failures.push(error),
      );
    }
    expect(written.length).toBeGreaterThan(3);
    for (const failure of failures) {
      expect(failure).toBeInstanceOf(DatabaseFullError);
      expect(failure).toMatchObject({ code: 'AUDIT_DATABASE_FULL', cause: { code: 'SQLITE_FULL' } });
    }
    const inTransaction = dataSource.transaction(async (manager) => {
      await manager.insert(Note, { text: `small` });
      await manager.insert(Note, { text: 'large' + 'x'.repeat(100_000) });
    });
    await expect(inTransaction).rejects.toThrow(DatabaseFullError);
    await allow(dataSource, undefined);
    await notes.insert({ text: 'after' });
    expect(await texts(dataSource)).toEqual(['befo', ...written, 'afte']);
    const { entries } = await trail.recent({ fresh: true, limit: 500 });
    expect(entries.map(({ after }) => String(after!['text']).slice(0, 4)).reverse()).toEqual(await texts(dataSource));
  });

  it('that only the drain hits fails it, which is counted and told, and it goes on when there is room', async () => {
    const warnings: string[] = [];
    const { dataSource, trail } = await audited([Note], {
      url: `sqlite:${temporaryFile()}`,
      onWarning: (message) => warnings.push(message),
    });
    await dataSource.getRepository(Note).insert(Array.from({ length: 100 }, () => ({ text })));
    await allow(dataSource, 2);
    await expect(trail.flush()).rejects.toThrow(DatabaseFullError);
    await expect(trail.flush()).rejects.toThrow(/max_page_count|full/);
    expect(warnings).toEqual([expect.stringContaining('a drain failed'), expect.stringContaining('full')]);
    expect(await trail.stats()).toMatchObject({ pendingCount: 100, totalEntries: 0, flushFailures: 2 });
    await allow(dataSource, undefined);
    expect(await trail.flush()).toMatchObject({ flushed: 100, pendingCount: 0 });
    expect(await trail.stats()).toMatchObject({ totalEntries: 100, entriesByOperation: { insert: 100 } });
  });

  it('at the closing is told by it; the DataSource is closed, and goes on with what waits when it is opened again', async () => {
    const { dataSource, trail } = await audited([Note], {
      url: `sqlite:${temporaryFile()}`,
      onWarning: () => undefined,
    });
    await dataSource.getRepository(Note).insert(Array.from({ length: 100 }, () => ({ text })));
    await allow(dataSource, 2);
    await expect(dataSource.destroy()).rejects.toThrow(DatabaseFullError);
    expect(dataSource.isInitialized).toBe(false);
    await dataSource.initialize();
    const again = await AuditTrail.attach(dataSource);
    expect(again).not.toBe(trail);
    expect(await again.stats({ fresh: true })).toMatchObject({ pendingCount: 0, totalEntries: 100 });
  });
});
