import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';
import { describe, expect, it } from 'vitest';
import {
  auditContext,
  AuditSchemaMissingError,
  AuditTrail,
  createDataSource,
  InvalidQueryError,
} from '../../src/index';
import { afterTest, audited, temporaryFile } from '../support/databases';
import { Gate, settle } from '../support/gate';
import { Note } from '../support/note';
import { watchThreads } from '../support/threads';

/** A value of every kind that an image can hold. */
@Entity()
class Sample {
  @PrimaryGeneratedColumn()
  id!: number;

  @Column({ type: 'simple-json', nullable: true })
  json!: object | null;

  @Column({ type: 'blob' })
  bytes!: Buffer;

  @Column({ type: 'bigint' })
  large!: string;

  @Column({ type: 'boolean' })
  flag!: boolean;

  @Column({ type: 'datetime' })
  at!: Date;

  @Column({ type: 'integer', name: '__proto__' })
  oddlyNamed!: number;

  @Column({ type: 'varchar', nullable: true, select: false })
  hidden!: string | null;
}

async function open(options: { readers?: boolean } = {}) {
  const threads = watchThreads();
  const { dataSource, trail } = await audited([Note, Sample], { url: `sqlite:${temporaryFile()}`, ...options });
  return { dataSource, trail, notes: dataSource.getRepository(Note), threads };
}

/** Somebody's transaction, which has written a note and stays open until the gate. */
async function openTransaction({ dataSource }: Awaited<ReturnType<typeof open>>, gate: Gate): Promise<Promise<void>[]> {
  const written = new Gate();
  const transaction = dataSource.transaction(async (manager) => {
    await manager.insert(Note, { text: 'not committed yet' });
    written.open();
    await gate.opened;
  });
  await written.opened;
  return [transaction];
}

describe('a question to the trail of a database file', () => {
  it("is answered while somebody's transaction is open, with what has committed", async () => {
    const opened = await open();
    const { trail, notes } = opened;
    const { id } = await notes.save({ text: 'committed' });
    await trail.flush();
    const gate = new Gate();
    const [transaction] = await openTransaction(opened, gate);
    expect(await trail.recent({ fresh: true })).toMatchObject({ entries: [{ after: { text: 'committed' } }] });
    expect(await trail.stats()).toMatchObject({ totalEntries: 1, pendingCount: 0, pool: { size: 5, inUse: 1 } });
    expect(await trail.dashboard()).toMatchObject({ totalEntries: 1, latest: [{ entityId: '1' }] });
    expect((await trail.history(Note, id)).entries).toHaveLength(1);
    expect(await trail.asOf(Note, id, new Date())).toMatchObject({ image: { text: 'committed' } });
    gate.open();
    await transaction;
    expect((await trail.recent({ fresh: true })).entries).toHaveLength(2);
  });

  it('is not said to be complete beyond what an open transaction will still add', async () => {
    const opened = await open();
    const { trail } = opened;
    const gate = new Gate();
    const [transaction] = await openTransaction(opened, gate);
    const writtenAt = Date.now();
    while (Date.now() <= writtenAt) await settle();
    const [page, dashboard] = await Promise.all([trail.recent(), trail.dashboard()]);
    gate.open();
    await transaction;
    const [entry] = (await trail.recent({ fresh: true })).entries;
    expect(entry!.recordedAt >= page.completeUpTo).toBe(true);
    expect(entry!.recordedAt >= dashboard.completeUpTo).toBe(true);
  });

  it('reports no triggers missing that an open transaction has taken away and will put back', async () => {
    const { dataSource, trail } = await open();
    const gate = new Gate();
    const altered = new Gate();
    const transaction = dataSource.transaction(async (manager) => {
      await manager.query('ALTER TABLE note ADD COLUMN extra TEXT');
      altered.open();
      await gate.opened;
    });
    await altered.opened;
    expect((await trail.stats()).capture).toMatchObject({ missingTriggers: [], staleTriggers: [] });
    gate.open();
    await transaction;
    expect((await trail.stats()).capture).toMatchObject({ missingTriggers: [], staleTriggers: [] });
  });

  it('sees in a transaction what that has recorded itself, and no stranger sees it', async () => {
    const { dataSource, trail, notes } = await open();
    await dataSource.transaction(async () => {
      await notes.insert({ text: 'own' });
      expect((await trail.recent()).pendingCount).toBe(1);
    });
    const runner = dataSource.createQueryRunner();
    await runner.startTransaction();
    await runner.manager.insert(Note, { text: 'own' });
    expect((await trail.stats()).pendingCount).toBe(2);
    await runner.rollbackTransaction();
    await runner.release();
    expect((await trail.stats()).pendingCount).toBe(1);
  });

  it('gets the same answer as on the writing connection, value by value', async () => {
    const { dataSource, trail, threads } = await open();
    await auditContext.run({ actor: 'ann', metadata: { a: [1, { b: null }] } }, async () => {
      const samples = dataSource.getRepository(Sample);
      const sample = { json: { deep: [1, 'two'] }, bytes: Buffer.from([0, 255]), large: '9007199254740993' };
      const row = await samples.save({ ...sample, flag: true, at: new Date(0), oddlyNamed: 7, hidden: 'x' });
      await samples.update(row.id, { json: null, hidden: null, large: '-9223372036854775808' });
      await samples.delete(row.id);
    });
    await trail.flush();
    const query = { reveal: ['Sample.hidden'] };
    const { completeUpTo: _, ...page } = await trail.recent(query);
    expect(threads.size).toBe(1);
    await dataSource.transaction(async () => {
      const { completeUpTo: __, ...same } = await trail.recent(query);
      expect(page).toStrictEqual(same);
    });
    expect(page.entries).toHaveLength(3);
    expect(page.entries[0]!.before).toMatchObject({ oddlyNamed: 7, large: '-9223372036854775808' });
  });

  it('fails with the same errors as on the writing connection', async () => {
    const { trail } = await open();
    const misspelt = trail.recent({ reveal: ['Sample.hiden'] });
    await expect(misspelt).rejects.toThrow(InvalidQueryError);
    await expect(misspelt).rejects.toMatchObject({
      code: 'AUDIT_INVALID_QUERY',
      value: 'Sample.hiden',
      statusCode: 400,
    });
  });

  it('says where the audit tables are missing', async () => {
    const dataSource = createDataSource(`sqlite:${temporaryFile()}`, { audit: { migrate: false, drain: false } });
    const trail = await AuditTrail.attach(dataSource);
    afterTest(() => dataSource.destroy());
    await expect(trail.recent()).rejects.toThrow(AuditSchemaMissingError);
  });

  it('waits its turn on the one connection, and starts no thread, with readers: false', async () => {
    const opened = await open({ readers: false });
    const gate = new Gate();
    const [transaction] = await openTransaction(opened, gate);
    const stats = opened.trail.stats();
    const early = await Promise.race([stats, settle()]);
    expect(early).toBeUndefined();
    gate.open();
    await transaction;
    expect(await stats).toMatchObject({ pendingCount: 1, pool: { size: 1 } });
    expect(opened.threads.size).toBe(0);
  });
});
