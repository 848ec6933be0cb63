import type { DataSource } from 'typeorm';
import { describe, expect, it } from 'vitest';
import { mssqlDialect } from '../../src/dialect/mssql/dialect';
import type { PortableEntry } from '../../src/model/portable-entry';
import { type AuditTrail, auditContext, LogConflictError } from '../../src/index';
import type { Places } from '../../src/store/import-plan';
import { ownTransaction } from '../../src/store/own-transaction';
import { PortableReader } from '../../src/store/portable-rows';
import { ServerImport } from '../../src/store/server-import';
import { audited } from '../support/databases';
import { digestOf, importInto, readAll, readLog } from '../support/logs';
import { freshDatabase } from '../support/mssql';
import { Note } from '../support/note';

async function someChanges({ dataSource, trail }: { dataSource: DataSource; trail: AuditTrail }): Promise<void> {
  const notes = dataSource.getRepository(Note);
  await auditContext.run({ actor: 'ann', reason: 'first', metadata: { ticket: 7 } }, async () => {
    for (let index = 1; index <= 20; index += 1) await notes.save({ text: `note ${index} äöü "quoted"` });
    await notes.update(3, { text: 'changed' });
    await notes.softDelete(4);
    await trail.record({ name: 'closed', data: { year: 2026 }, entity: 'Note', entityId: '3' });
  });
  await notes.delete(5);
  await trail.flush();
}

function readServerLog(dataSource: DataSource): Promise<PortableEntry[]> {
  const { storeSql, pool } = mssqlDialect.session(dataSource);
  return readAll(new PortableReader(storeSql, pool), { entries: 7, bytes: 2_000 });
}

function importToServer(dataSource: DataSource, entries: readonly PortableEntry[], places: Places) {
  return ownTransaction(dataSource.createQueryRunner(), (runner) =>
    new ServerImport(mssqlDialect.session(dataSource)).write(runner, entries, places),
  );
}

describe('entries of another database, on a server', () => {
  it('go there and back, and say the same everywhere', async () => {
    const source = await audited([Note]);
    const server = await audited([Note], { url: await freshDatabase() });
    const back = await audited([Note]);
    await someChanges(source);
    const entries = await readLog(source.dataSource);
    expect(await importToServer(server.dataSource, entries, 'keep')).toEqual({ imported: entries.length, known: 0 });
    const there = await readServerLog(server.dataSource);
    expect(there).toEqual(entries);
    importInto(back.dataSource, there, 'keep');
    expect(digestOf(await readLog(back.dataSource))).toBe(digestOf(entries));
    const [here, known] = await Promise.all([source, server].map(({ trail }) => trail.history(Note, 3)));
    expect(known!.entries.map((entry) => ({ ...entry, schemaVersion: 0 }))).toEqual(
      here!.entries.map((entry) => ({ ...entry, schemaVersion: 0 })),
    );
  });

  it('are counted by the next roll-up, once', async () => {
    const source = await audited([Note]);
    const server = await audited([Note], { url: await freshDatabase() });
    await someChanges(source);
    const entries = await readLog(source.dataSource);
    await importToServer(server.dataSource, entries, 'keep');
    const { totalEntries, entriesByOperation } = await source.trail.stats();
    expect(await server.trail.stats()).toMatchObject({ totalEntries, entriesByOperation });
    expect(await importToServer(server.dataSource, entries, 'keep')).toEqual({ imported: 0, known: entries.length });
    await server.trail.flush();
    expect(await server.trail.stats()).toMatchObject({ totalEntries, entriesByOperation });
  });

  it('of triggers there are the same in a file, and known when they come home', async () => {
    const server = await audited([Note], { url: await freshDatabase() });
    const file = await audited([Note]);
    await someChanges(server);
    const entries = await readServerLog(server.dataSource);
    expect(entries.length).toBeGreaterThan(20);
    importInto(file.dataSource, entries, 'keep');
    const there = await readLog(file.dataSource);
    expect(digestOf(there)).toBe(digestOf(entries));
    expect(await importToServer(server.dataSource, there, 'append')).toEqual({ imported: 0, known: entries.length });
    const [here, known] = await Promise.all([server, file].map(({ trail }) => trail.history(Note, 4)));
    expect(known!.entries).toEqual(
      here!.entries.map((entry) => ({ ...entry, schemaVersion: expect.any(Number) as number })),
    );
  });

  it('get the next numbers of the log beside its own, where they are appended', async () => {
    const source = await audited([Note]);
    const server = await audited([Note], { url: await freshDatabase() });
    await someChanges(source);
    await someChanges(server);
    const entries = await readLog(source.dataSource);
    const own = await readServerLog(server.dataSource);
    await importToServer(server.dataSource, entries.slice(0, 5), 'append');
    await importToServer(server.dataSource, entries, 'append');
    await server.dataSource.getRepository(Note).save({ text: 'later' });
    const all = await readServerLog(server.dataSource);
    expect(digestOf(all.slice(0, own.length))).toBe(digestOf(own));
    expect(digestOf(all.slice(own.length, -1))).toBe(digestOf(entries));
  });

  it('are refused where one is there with another content, and nothing of the block is left', async () => {
    const source = await audited([Note]);
    const server = await audited([Note], { url: await freshDatabase() });
    await someChanges(source);
    const entries = await readLog(source.dataSource);
    await importToServer(server.dataSource, entries.slice(0, 5), 'keep');
    await server.dataSource.query(`UPDATE audit_entry SET after_image = '{}' WHERE id = 2`);
    await expect(importToServer(server.dataSource, entries, 'keep')).rejects.toThrow(LogConflictError);
    expect(await readServerLog(server.dataSource)).toHaveLength(5);
  });
});
