import { Column, Entity, PrimaryColumn } from 'typeorm';
import { expect, it } from 'vitest';
import {
  auditContext,
  AuditSchemaMissingError,
  type AuditTrail,
  type AuditTrailOptions,
  type CheckProgress,
  LogElsewhereError,
} from '../../src/index';
import { behindTheBack } from '../baseline/fill';
import { audited, temporaryFile } from '../support/databases';
import { Note } from '../support/note';

@Entity()
class Place {
  @PrimaryColumn({ length: 10 })
  line!: string;

  @PrimaryColumn({ type: 'integer' })
  number!: number;

  @Column({ length: 20 })
  guest!: string;
}

/** Databases of one kind, each made anew. */
export interface Databases {
  application(): Promise<{
    url: string;
    /** As somebody whose changes no capture sees. */
    behindTheBack: (sql: string) => Promise<void>;
  }>;
  audit(): Promise<string>;
}

/** An application in a file. */
export function inFile(): ReturnType<Databases['application']> {
  const file = temporaryFile();
  const change = (sql: string) => Promise.resolve(behindTheBack(file, (database) => void database.exec(sql)));
  return Promise.resolve({ url: `sqlite:${file}`, behindTheBack: change });
}

const timeout = 120_000;

/** baseline() and doctor() where the log is in another database. */
export function checksSuite(databases: Databases): void {
  /** An application with rows that were there before the trail was. */
  const old = async (rows: number) => {
    const [application, auditDatabase] = [await databases.application(), await databases.audit()];
    const open = (options: AuditTrailOptions = {}) =>
      audited([Note, Place], { url: application.url, auditDatabase, onWarning: () => undefined, ...options });
    await (await open()).dataSource.destroy();
    const values = Array.from({ length: rows }, (_, index) => `('note ${index + 1}')`);
    await application.behindTheBack(`INSERT INTO note (text) VALUES ${values.join()}`);
    return { ...application, auditDatabase, open };
  };

  it('a baseline records the rows of which neither database has an entry', { timeout }, async () => {
    const { open } = await old(30);
    const { dataSource, trail } = await open();
    const notes = dataSource.getRepository(Note);
    await notes.update(2, { text: 'delivered' });
    await dataSource.getRepository(Place).insert({ line: 'A', number: 1, guest: 'ann' });
    await trail.flush();
    await notes.update(3, { text: 'waits' });
    const report = await auditContext.run({ actor: 'ops', reason: 'start' }, () => trail.baseline({ chunkSize: 7 }));
    expect(report).toMatchObject({
      tables: [
        { table: 'note', rows: 30, recorded: 28 },
        { table: 'place', rows: 1, recorded: 0 },
      ],
      recorded: 28,
    });
    expect(await trail.history(Note, 5)).toMatchObject({
      entries: [{ operation: 'baseline', after: { text: 'note 5' }, actor: 'ops', reason: 'start' }],
    });
    for (const id of [2, 3]) {
      expect(await trail.history(Note, id)).toMatchObject({ entries: [{ operation: 'update' }] });
    }
    expect(await trail.baseline()).toMatchObject({ rows: 31, recorded: 0 });
    expect(await found(trail)).toEqual([]);
  });

  it('a baseline that two make at once, and deliver meanwhile, has each row once', { timeout }, async () => {
    const { open } = await old(60);
    const trails = [(await open({ drain: true })).trail, (await open({ drain: true })).trail];
    const reports = await Promise.all(trails.map((trail) => trail.baseline({ chunkSize: 4 })));
    expect(reports.reduce((sum, { recorded }) => sum + recorded, 0)).toBe(60);
    await trails[0]!.flush();
    const { entries } = await trails[0]!.recent({ limit: 100 });
    expect(entries.map(({ entityId }) => Number(entityId)).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 60 }, (_, index) => index + 1),
    );
  });

  it('the doctor finds what was done behind the back, and accepts it', { timeout }, async () => {
    const { open, behindTheBack } = await old(20);
    const { dataSource, trail } = await open();
    await dataSource.getRepository(Place).insert({ line: 'A', number: 1, guest: 'ann' });
    await trail.baseline();
    await behindTheBack(`UPDATE note SET text = 'other' WHERE id IN (7, 8)`);
    await behindTheBack(`DELETE FROM note WHERE id = 12`);
    await behindTheBack(`INSERT INTO note (text) VALUES ('new')`);
    await behindTheBack(`UPDATE place SET number = 2`);
    // The trail sees what the row was when the application met it.
    await dataSource.manager.update(Note, 8, { text: 'by the application' });
    const expected = [
      'changed Note 7 text',
      'added Note 21',
      'missing Note 12',
      'added Place {"line":"A","number":2}',
      'missing Place {"line":"A","number":1}',
    ];
    expect(await found(trail)).toEqual(expected);
    expect(await found(trail, 3)).toEqual(expected);
    const accepted = await auditContext.run({ actor: 'ops' }, () => trail.doctor({ accept: true, chunkSize: 4 }));
    expect(accepted).toMatchObject({ accepted: 5 });
    expect(await found(trail)).toEqual([]);
    expect((await trail.history(Note, 7)).entries).toMatchObject([
      { operation: 'reconcile', actor: 'ops', before: { text: 'note 7' }, after: { text: 'other' } },
      { operation: 'baseline' },
    ]);
    expect((await trail.history(Note, 12)).entries[0]).toMatchObject({ operation: 'reconcile', after: null });
  });

  it.each([
    ['delivered at once', true],
    ['delivered later', false],
  ])('the doctor takes no change of the application for a difference, %s', { timeout }, async (_, drain) => {
    const { open, behindTheBack } = await old(30);
    const { dataSource, trail } = await open({ drain });
    const places = dataSource.getRepository(Place);
    await places.insert(Array.from({ length: 9 }, (_, number) => ({ line: 'A', number, guest: 'ann' })));
    await trail.baseline();
    await dataSource.query('UPDATE place SET number = 10 WHERE number = 1');
    await behindTheBack(`UPDATE note SET text = 'other' WHERE id = 30`);
    const writes: Promise<unknown>[] = [];
    let last = 0;
    const onProgress = ({ done, total }: CheckProgress) => {
      last = done / total;
      const id = (done % 29) + 1;
      // Before its turn as well as after it.
      if (done < 9) writes.push(dataSource.query(`UPDATE place SET number = ${done + 16} WHERE number = ${done}`));
      writes.push(dataSource.manager.update(Note, id, { text: `changed ${done}` }));
      writes.push(dataSource.manager.delete(Note, 30 - id));
      writes.push(dataSource.manager.insert(Note, { text: 'new' }));
    };
    const { differences } = await trail.doctor({ chunkSize: 4, onProgress });
    await Promise.all(writes);
    expect(last).toBe(1);
    expect(differences).toMatchObject([{ kind: 'changed', entityId: '30', fields: ['text'] }]);
    expect(await found(trail)).toEqual(['changed Note 30 text']);
  });

  it('nothing is checked without the database that has the log', { timeout }, async () => {
    const { open, url } = await old(3);
    const { trail } = await open();
    await trail.baseline();
    await trail.flush();
    await trail.dataSource.destroy();
    const warnings: string[] = [];
    const alone = await audited([Note, Place], { url, onWarning: (message) => warnings.push(message) });
    expect(warnings).toEqual([expect.stringContaining('auditDatabase is not set')]);
    expect(alone.trail.describe().warnings).toEqual([expect.stringContaining('auditDatabase is not set')]);
    await expect(alone.trail.doctor({ accept: true })).rejects.toThrow(LogElsewhereError);
    await expect(alone.trail.baseline()).rejects.toThrow(LogElsewhereError);
    expect(await alone.trail.stats()).toMatchObject({ totalEntries: 0, pendingCount: 0 });
  });

  it('an audit database without tables is named as what it is, by who must not make them', { timeout }, async () => {
    const { open } = await old(1);
    await (await open({ drain: false })).dataSource.destroy();
    const { trail } = await open({ migrate: false });
    await expect(trail.doctor()).rejects.toThrow(AuditSchemaMissingError);
  });

  it('an application sees its own rows alone in a log that it shares', { timeout }, async () => {
    const one = await old(6);
    const other = await databases.application();
    const first = await one.open();
    const second = await audited([Note, Place], { url: other.url, auditDatabase: one.auditDatabase });
    await first.trail.baseline();
    await second.dataSource.getRepository(Note).insert([{ text: 'a' }, { text: 'b' }, { text: 'c' }]);
    await second.trail.flush();
    expect(await found(first.trail)).toEqual([]);
    expect(await found(second.trail)).toEqual([]);
    await other.behindTheBack(`INSERT INTO note (text) VALUES ('d')`);
    expect(await second.trail.baseline()).toMatchObject({ rows: 4, recorded: 1 });
    expect(await found(second.trail)).toEqual([]);
  });
}

/** Findings, each as one text. */
export async function found(trail: AuditTrail, chunkSize?: number): Promise<string[]> {
  const { differences } = await trail.doctor(chunkSize ? { chunkSize } : {});
  return differences.map(({ kind, entity, entityId, fields }) => [kind, entity, entityId, ...fields].join(' '));
}
