import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';
import { describe, expect, it } from 'vitest';
import {
  auditContext,
  type AuditTrail,
  type CheckProgress,
  type DoctorOptions,
  NotAudited,
  Redacted,
} from '../../src/index';
import { Content, Film, numbers, Seat } from '../support/checked-entities';
import { audited } from '../support/databases';
import { freshDatabase, needsSqlServer, stockOnServer } from '../support/mssql';

@Entity()
class Item {
  @PrimaryGeneratedColumn()
  id!: number;

  @Column({ length: 50 })
  name!: string;

  @Column({ nullable: true, length: 'max' })
  note!: string;

  @Column({ type: 'decimal', precision: 20, scale: 4, default: 1.5 })
  price!: string;

  @Column({ type: 'datetime2', precision: 3, nullable: true })
  madeAt!: Date;

  @Column({ type: 'simple-json', nullable: true })
  meta!: unknown;
}

@Entity()
class Account {
  @PrimaryGeneratedColumn()
  id!: number;

  @Redacted()
  @Column()
  password!: string;

  @NotAudited()
  @Column({ default: '' })
  scratch!: string;
}

/** Findings, each as one text. */
async function found(trail: AuditTrail, options: DoctorOptions = {}): Promise<string[]> {
  const { differences, counts } = await trail.doctor(options);
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  expect(total).toBe(differences.length);
  return differences.map(({ kind, entity, entityId, fields }) => [kind, entity, entityId, ...fields].join(' '));
}

const database = async (entities: Parameters<typeof audited>[0]) => {
  const url = await freshDatabase();
  const opened = await audited(entities, { url });
  /** As somebody whose changes no trigger sees. */
  const behindTheBack = async (table: string, sql: string) => {
    const other = await stockOnServer([], url);
    await other.query(`DISABLE TRIGGER audit_trail_${table} ON ${table}`);
    await other.query(sql);
    await other.query(`ENABLE TRIGGER audit_trail_${table} ON ${table}`);
  };
  return { url, behindTheBack, ...opened };
};

const rows = (count: number) =>
  `INSERT INTO item (name, note, price, madeAt, meta) SELECT CONCAT('item ', n), CASE WHEN n % 3 = 0 THEN N'ä ☃' END,
    n / 4.0, DATEADD(second, n, CONVERT(datetime2(3), '2026-01-01')), CONCAT('{"n":', n, '}') FROM ${numbers(count)}`;

describe('doctor() on a server', { timeout: 120_000 }, () => {
  it('finds nothing where triggers saw it all, whatever the application does meanwhile', async () => {
    const { dataSource, trail } = await database([Item, Seat, Content, Film]);
    await dataSource.query(rows(30));
    await dataSource.manager.update(Item, { id: 3 }, { note: 'changed' });
    await dataSource.manager.delete(Item, { id: 4 });
    await dataSource.getRepository(Seat).insert({ row: 'A', number: 1, guest: 'anna' });
    await dataSource.query(`UPDATE seat SET [row] = 'a'`);
    await dataSource.getRepository(Film).save({ title: 'one' });
    const writes: Promise<unknown>[] = [];
    const onProgress = ({ done }: CheckProgress) => {
      writes.push(dataSource.manager.update(Item, { id: (done % 29) + 5 }, { name: `changed ${done}` }));
      writes.push(dataSource.manager.delete(Item, { id: 30 - (done % 5) }));
    };
    expect(await trail.doctor({ chunkSize: 7, onProgress })).toMatchObject({
      tables: [{ table: 'content', rows: 1 }, { table: 'item' }, { table: 'seat', rows: 1 }],
      counts: { changed: 0, added: 0, missing: 0, unknown: 0 },
      differences: [],
      notCompared: [],
      skipped: [],
    });
    await Promise.all(writes);
    expect(writes.length).toBeGreaterThan(10);
  });

  it('finds what was changed, added and removed behind the triggers', async () => {
    const { trail, dataSource, behindTheBack } = await database([Item, Seat, Content, Film]);
    await dataSource.query(rows(20));
    await dataSource.getRepository(Seat).insert([1, 2, 3].map((number) => ({ row: 'A', number, guest: 'anna' })));
    await dataSource.getRepository(Content).save([{ title: 'one' }, { title: 'two' }]);
    await behindTheBack(
      'item',
      `UPDATE item SET name = 'x', note = 'x' WHERE id = 7; UPDATE item SET price = price + 0.0001 WHERE id = 8;
      UPDATE item SET name = 'ITEM 9' WHERE id = 9; UPDATE item SET meta = '{"n": 10}' WHERE id = 10;
      DELETE FROM item WHERE id = 12; INSERT INTO item (name) VALUES ('new')`,
    );
    await behindTheBack(
      'seat',
      `UPDATE seat SET [row] = 'a' WHERE number = 2; UPDATE seat SET number = 9 WHERE number = 3`,
    );
    await behindTheBack('content', `UPDATE content SET kind = 'Film', minutes = 1 WHERE id = 1`);
    const expected = [
      'changed Film 1 minutes kind',
      'changed Item 7 name note',
      'changed Item 8 price',
      'changed Item 9 name',
      'changed Item 10 meta',
      'added Item 21',
      'missing Item 12',
      'added Seat {"row":"a","number":2}',
      'added Seat {"row":"A","number":9}',
      'missing Seat {"row":"A","number":2}',
      'missing Seat {"row":"A","number":3}',
    ];
    // Rows that nobody knows, in a table without a baseline.
    const unknown = (list: string[]) => list.map((text) => text.replace(/^unknown/, 'added')).sort();
    expect(unknown(await found(trail))).toEqual([...expected].sort());
    expect(unknown(await found(trail, { chunkSize: 3 }))).toEqual([...expected].sort());
    expect((await trail.doctor({ limit: 2 })).differences).toHaveLength(2);
    const accepted = await auditContext.run({ actor: 'anna', reason: 'import' }, () => trail.doctor({ accept: true }));
    expect(accepted.accepted).toBe(11);
    expect(await found(trail)).toEqual([]);
    const { entries } = await trail.recent({ operation: 'reconcile', limit: 50 });
    expect(entries).toHaveLength(11);
    expect(new Set(entries.map(({ actor, reason }) => `${actor} ${reason}`))).toEqual(new Set(['anna import']));
    expect(entries.find(({ entityId, entity }) => entity === 'Item' && entityId === '8')!.changes).toEqual([
      { field: 'price', before: '2', after: '2.0001' },
    ]);
    expect((await trail.stats()).entriesByOperation.reconcile).toBe(11);
    expect((await trail.asOf(Item, 9, new Date(Date.now() + 60_000)))!.image).toMatchObject({ name: 'ITEM 9' });
  });

  it('finds a table that was emptied without a trigger, and knows of rows that a baseline saw', async () => {
    const { trail, dataSource, behindTheBack, url } = await database([Item]);
    await dataSource.query(rows(25));
    const other = await stockOnServer([], url);
    await other.query('TRUNCATE TABLE item');
    expect(await found(trail, { chunkSize: 10 })).toHaveLength(25);
    expect(await trail.doctor({ accept: true })).toMatchObject({ counts: { missing: 25 }, accepted: 25 });
    await behindTheBack('item', `INSERT INTO item (name) VALUES ('new')`);
    // Numbered from the beginning: by the trail the row was deleted.
    expect(await found(trail)).toEqual(['added Item 1']);
  });

  it('leaves a row that got another key under the one that it has', async () => {
    const { trail, dataSource } = await database([Seat]);
    await dataSource.getRepository(Seat).insert({ row: 'A', number: 1, guest: 'anna' });
    await dataSource.query('UPDATE seat SET number = 2');
    await dataSource.query('UPDATE seat SET number = number + 1, [row] = [row]');
    expect(await found(trail)).toEqual([]);
  });

  it('names what it cannot compare, and does not take an earlier shape of a table for a difference', async () => {
    const { trail, dataSource, behindTheBack } = await database([Account, Item]);
    await dataSource.getRepository(Account).insert({ password: 'secret', scratch: '1' });
    await dataSource.getRepository(Account).update({ id: 1 }, { password: 'other' });
    await dataSource.query(rows(3));
    await dataSource.query(`ALTER TABLE item ADD later nvarchar(10) NOT NULL DEFAULT 'new'`);
    expect(await trail.doctor()).toMatchObject({
      differences: [],
      notCompared: [
        { table: 'account', column: 'password', reason: 'redacted' },
        { table: 'account', column: 'scratch', reason: 'not audited' },
      ],
    });
    await behindTheBack('account', `UPDATE account SET scratch = 'x', password = 'y'`);
    await behindTheBack('item', `UPDATE item SET later = 'x'`);
    expect(await found(trail)).toEqual([]);
    await dataSource.query(`UPDATE item SET name = 'y' WHERE id = 1`);
    await behindTheBack('item', `UPDATE item SET later = 'z'`);
    expect(await found(trail)).toEqual(['changed Item 1 later']);
    await dataSource.query('DROP TABLE account');
    expect((await trail.doctor()).skipped).toEqual([{ table: 'account', reason: 'the table is not there' }]);
  });

  it('records no row that somebody changes in the meantime', async (context) => {
    await needsSqlServer(context, 'UPDLOCK and HOLDLOCK lock nothing');
    const { trail, dataSource, behindTheBack } = await database([Item]);
    await dataSource.query(rows(50));
    await behindTheBack('item', `UPDATE item SET note = 'behind'`);
    let isDone = false;
    const write = async (seed: number) => {
      for (let step = seed; !isDone; step += 4) {
        await dataSource.manager.update(Item, { id: (step % 50) + 1 }, { name: `changed in step ${step}` });
      }
    };
    const writers = [1, 2, 3].map(write);
    for (let turn = 0; turn < 20; turn += 1) await trail.doctor({ accept: true, chunkSize: 10 });
    isDone = true;
    await Promise.all(writers);
    expect(await found(trail)).toEqual([]);
  });
});
