import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';
import { describe, expect, it } from 'vitest';
import {
  auditContext,
  AuditTrail,
  createDataSource,
  InvalidQueryError,
  Redacted,
  UnknownEntityError,
} from '../../src/index';
import { Content, Film, numbers, Seat } from '../support/checked-entities';
import { afterTest } from '../support/databases';
import { freshDatabase, needsSqlServer, stockOnServer } from '../support/mssql';

@Entity()
class Item {
  @PrimaryGeneratedColumn()
  id!: number;

  @Column({ length: 50 })
  name!: string;

  @Column({ nullable: true, length: 'max' })
  note!: string;

  @Column({ type: 'decimal', precision: 38, scale: 4, nullable: true })
  price!: string;

  @Column({ type: 'bit', nullable: true })
  active!: boolean;

  @Redacted()
  @Column({ default: 'secret-1' })
  password!: string;
}

const entities = [Item, Seat, Content, Film];

/** A database that was filled before anybody thought of a trail. */
async function oldDatabase(...statements: string[]) {
  const url = await freshDatabase();
  const before = await stockOnServer(entities, url);
  for (const statement of statements) await before.query(statement);
  await before.destroy();
  const dataSource = createDataSource(url, { entities, audit: { drain: false } });
  const trail = await AuditTrail.attach(dataSource);
  afterTest(() => dataSource.destroy());
  return { url, dataSource, trail };
}

const items = (count: number) =>
  `INSERT INTO item (name, note, price, active) SELECT CONCAT('item ', n), CASE WHEN n % 3 = 0 THEN N'ä ☃ "q" \\ /' END, n / 4.0, n % 2 FROM ${numbers(count)}`;
const seats = (count: number) =>
  `INSERT INTO seat ([row], number, guest) SELECT r, n, 'nobody' FROM ${numbers(count)} CROSS JOIN (VALUES ('a'), ('B'), ('c')) v (r)`;

describe('baseline() on a server', { timeout: 120_000 }, () => {
  it('gives every row an entry with the image that triggers would give it', async () => {
    const { dataSource, trail } = await oldDatabase(
      items(250),
      seats(20),
      `INSERT INTO content (kind, title) VALUES ('Film', 'one'), ('Content', 'two')`,
    );
    const report = await auditContext.run({ actor: 'anna', reason: 'first day', metadata: { day: 1 } }, () =>
      trail.baseline({ chunkSize: 100 }),
    );
    expect(report).toMatchObject({
      tables: [
        { table: 'content', rows: 2, recorded: 2 },
        { table: 'item', rows: 250, recorded: 250 },
        { table: 'seat', rows: 60, recorded: 60 },
      ],
      rows: 312,
      recorded: 312,
      skipped: [],
    });
    const [first] = (await trail.history(Item, 3)).entries;
    expect(first).toMatchObject({
      operation: 'baseline',
      before: null,
      actor: 'anna',
      reason: 'first day',
      metadata: { day: 1 },
    });
    expect(first!.after).toEqual({
      id: 3, name: 'item 3', note: 'ä ☃ "q" \\ /', price: '0.75', active: true, password: { $redacted: true },
    }); // prettier-ignore
    expect((await trail.history(Film, 1)).entries).toMatchObject([{ entity: 'Film', after: { minutes: null } }]);
    expect((await trail.history(Seat, { row: 'B', number: 7 })).entries).toMatchObject([{ entity: 'Seat' }]);
    // An update that changes nothing else shows the image before by the trigger: the same, to the letter.
    await dataSource.query(
      `UPDATE item SET password = 'secret-2' WHERE id <= 10; UPDATE seat SET guest = 'x' WHERE number = 3`,
    );
    for (const id of [1, 2, 3, 10]) {
      const { entries } = await trail.history(Item, id);
      expect(entries[0]!.before).toEqual(entries[1]!.after);
      expect(entries[1]!.changes.map(({ field }) => field).sort()).toEqual(
        Object.entries(entries[1]!.after!).flatMap(([name, value]) => (value === null ? [] : [name])).sort(),
      ); // prettier-ignore
    }
    expect(await trail.doctor()).toMatchObject({ differences: [] });
    expect((await trail.stats()).entriesByOperation.baseline).toBe(312);
    expect(JSON.stringify(await dataSource.query('SELECT * FROM audit_entry'))).not.toContain('secret-1');
  });

  it('finds nothing to do the second time, and leaves out rows that have an entry', async () => {
    const { dataSource, trail } = await oldDatabase(items(40));
    await dataSource.manager.update(Item, { id: 10 }, { name: 'seen' });
    await dataSource.manager.delete(Item, { id: 30 });
    await trail.record({ name: 'item.looked-at', entity: 'Item', entityId: '40' });
    const progress: number[] = [];
    const onProgress = ({ done }: { done: number }) => progress.push(done);
    expect(await trail.baseline({ entities: [Item], chunkSize: 16, onProgress })).toMatchObject({
      rows: 39,
      recorded: 38,
    });
    expect(progress.at(-1)).toBe(39);
    expect(await trail.baseline({ entities: ['item'] })).toMatchObject({ rows: 39, recorded: 0 });
    for (const [id, operations] of [
      [10, ['update']],
      [30, ['delete']],
      [40, ['baseline', 'event']],
      [39, ['baseline']],
    ] as const) {
      expect((await trail.history(Item, id)).entries.map(({ operation }) => operation)).toEqual(operations);
    }
    await expect(trail.baseline({ entities: ['nothing'] })).rejects.toThrow(UnknownEntityError);
    await expect(trail.baseline({ chunkSize: 0 })).rejects.toThrow(InvalidQueryError);
  });

  it('goes on where it was broken off, and notes a table when it has seen all of it', async () => {
    const { dataSource, trail } = await oldDatabase(seats(20));
    const breaking = trail.baseline({
      chunkSize: 7,
      onProgress: ({ done }) => {
        if (done > 20) throw new Error('stop');
      },
    });
    await expect(breaking).rejects.toThrow('stop');
    const notes = () => dataSource.query(`SELECT name FROM audit_meta WHERE name LIKE 'baseline:%' ORDER BY name`);
    expect(await notes()).toEqual([{ name: 'baseline:content' }, { name: 'baseline:item' }]);
    await dataSource.query(`UPDATE seat SET guest = 'anna' WHERE number = 20`);
    expect(await trail.baseline()).toMatchObject({ rows: 60, recorded: 60 - 21 - 2 });
    expect(await notes()).toHaveLength(3);
    expect((await trail.recent({ operation: 'baseline', limit: 100 })).entries).toHaveLength(58);
    expect(await trail.doctor()).toMatchObject({ differences: [] });
  });

  it('bounds a chunk by bytes too', async () => {
    const { trail } = await oldDatabase(
      items(6),
      `UPDATE item SET note = REPLICATE(CONVERT(nvarchar(max), N'x'), 300000)`,
    );
    const steps: number[] = [];
    const onProgress = ({ done }: { done: number }) => steps.push(done);
    expect(await trail.baseline({ entities: [Item], onProgress })).toMatchObject({ rows: 6, recorded: 6 });
    expect(steps.length).toBeGreaterThan(2);
    expect(steps[0]).toBeLessThan(6);
    expect(steps.at(-1)).toBe(6);
    expect(await trail.doctor()).toMatchObject({ differences: [] });
  });

  it('writes nothing that was not so while others write, between chunks', async () => {
    const { dataSource, trail } = await oldDatabase(items(60));
    const onProgress = async ({ done }: { done: number }) => {
      await dataSource.manager.update(Item, { id: done + 1 }, { name: 'before its chunk' });
    };
    const writes: Promise<void>[] = [];
    await trail.baseline({
      entities: [Item],
      chunkSize: 10,
      onProgress: (progress) => writes.push(onProgress(progress)),
    });
    await Promise.all(writes);
    expect(await trail.doctor()).toMatchObject({ differences: [] });
  });

  it('keeps the order of the log while others write the very rows', async (context) => {
    await needsSqlServer(context, 'REPEATABLEREAD locks nothing');
    const { dataSource, trail } = await oldDatabase(items(2000));
    let isDone = false;
    const write = async (seed: number) => {
      for (let step = seed; !isDone; step += 4) {
        const id = ((step * 7919) % 2000) + 1;
        await dataSource.transaction(async (manager) => {
          await manager.update(Item, { id }, { name: `changed in step ${step}` });
          await manager.delete(Item, { id: id + 3 });
        });
      }
    };
    const writers = [1, 2, 3].map(write);
    await trail.baseline({ chunkSize: 50 });
    isDone = true;
    await Promise.all(writers);
    // The image before an entry is the one after the entry before it, of every row.
    const images = new Map<string, unknown>();
    for (let cursor: string | undefined, pages = 0; pages === 0 || cursor; pages += 1) {
      const page = await trail.recent({ limit: 500, ...(cursor && { cursor }) });
      for (const { entityId, before, after, operation } of page.entries) {
        if (images.has(entityId!)) expect(images.get(entityId!)).toEqual(after);
        images.set(entityId!, operation === 'baseline' ? after : before);
      }
      cursor = page.nextCursor ?? undefined;
    }
    expect(await trail.doctor()).toMatchObject({ differences: [] });
  });
});
