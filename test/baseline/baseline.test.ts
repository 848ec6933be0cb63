import { describe, expect, it } from 'vitest';
import {
  auditContext,
  InvalidQueryError,
  TransactionHeldError,
  UnknownEntityError,
  type AuditEntry,
  type CheckProgress,
} from '../../src/index';
import { readColumnMaps } from '../conformance/read-column-maps';
import { readEntries } from '../../src/testing/read-trail';
import { replay, toRowChange } from '../../src/testing/oracle/replay';
import { differences, type Snapshot } from '../../src/testing/oracle/snapshot';
import { takeSnapshot } from '../conformance/sqlite-snapshot';
import { audited } from '../support/databases';
import { Account, Article, Content, Film, Item, Seat } from './entities';
import { behindTheBack, fillItems, oldDatabase } from './fill';

const empty = (snapshot: Snapshot): Snapshot =>
  new Map([...snapshot].map(([name, table]) => [name, { ...table, rows: new Map() }]));

/** Tables made of nothing but the log. */
function fromLog(file: string, entries: AuditEntry[], ignored?: ReadonlySet<string>): string[] {
  const now = takeSnapshot(file);
  const maps = readColumnMaps(file);
  const { state, problems } = replay(
    empty(now),
    entries.map((entry) => toRowChange(entry, maps)),
    'forwards',
  );
  return [...problems, ...differences(state, now, ignored)];
}

describe('baseline()', () => {
  it('gives every row an entry from which the table can be made again, to the byte', async () => {
    const file = await oldDatabase([Item], (database) => fillItems(database, 20_000));
    const { trail } = await audited([Item], { url: `sqlite:${file}` });
    const report = await trail.baseline();
    expect(report).toMatchObject({
      tables: [{ table: 'item', rows: 20_000, recorded: 20_000 }],
      rows: 20_000,
      recorded: 20_000,
      skipped: [],
    });
    const entries = await readEntries(trail, readColumnMaps(file), 0);
    expect(entries).toHaveLength(20_000);
    expect(new Set(entries.map(({ operation }) => operation))).toEqual(new Set(['baseline']));
    expect(fromLog(file, entries)).toEqual([]);
    expect(await trail.stats()).toMatchObject({ totalEntries: 20_000, entriesByOperation: { baseline: 20_000 } });
    expect(await trail.asOf(Item, 1, '2020-01-01')).toMatchObject({
      image: { id: 1, stock: '9007199254740994', active: true },
    });
  });

  it('finds nothing to do the second time', async () => {
    const file = await oldDatabase([Item], (database) => fillItems(database, 2500));
    const { trail } = await audited([Item], { url: `sqlite:${file}` });
    await trail.baseline();
    expect(await trail.baseline()).toMatchObject({ rows: 2500, recorded: 0 });
    expect(await trail.stats()).toMatchObject({ totalEntries: 2500 });
  });

  it('leaves out rows that have an entry, or one on its way', async () => {
    const file = await oldDatabase([Item], (database) => fillItems(database, 100));
    const { dataSource, trail } = await audited([Item], { url: `sqlite:${file}` });
    await dataSource.manager.update(Item, { id: 10 }, { name: 'seen' });
    await trail.flush();
    await dataSource.manager.update(Item, { id: 20 }, { name: 'seen too' });
    await dataSource.manager.delete(Item, { id: 30 });
    await trail.record({ name: 'item.looked-at', entity: 'Item', entityId: '40' });
    expect(await trail.baseline()).toMatchObject({ rows: 99, recorded: 97 });
    for (const [id, operations] of [
      [10, ['update']],
      [20, ['update']],
      [30, ['delete']],
      [40, ['baseline', 'event']],
      [50, ['baseline']],
    ] as const) {
      const { entries } = await trail.history(Item, id);
      expect(entries.map(({ operation }) => operation)).toEqual(operations);
    }
  });

  it('takes composite keys, classes of a table, and every value as it is', async () => {
    const file = await oldDatabase([Seat, Content, Article, Film, Item], (database) => {
      const seat = database.prepare('INSERT INTO seat ("row", number, guest) VALUES (?, ?, ?)');
      for (let number = 1; number <= 30; number += 1)
        for (const row of ['a', 'B', 'c']) seat.run(row, number, 'nobody');
      database.exec(`INSERT INTO content (kind, title, text) VALUES ('Article', 'one', 'text');
        INSERT INTO content (kind, title, minutes) VALUES ('Film', 'two', 90);
        INSERT INTO content (kind, title) VALUES ('Content', CAST(x'41ff42' AS TEXT))`);
      database.exec(`INSERT INTO item (id, name, price, stock, active, meta, madeAt, picture) VALUES
        (-9223372036854775808, '', -0.0, 9223372036854775807, 'x', 'no json', 'yesterday', x'00ff00')`);
    });
    const { trail } = await audited([Seat, Content, Article, Film, Item], { url: `sqlite:${file}` });
    expect(await trail.baseline({ chunkSize: 7 })).toMatchObject({ recorded: 94 });
    expect(await trail.baseline({ chunkSize: 7 })).toMatchObject({ recorded: 0 });
    expect(fromLog(file, await readEntries(trail, readColumnMaps(file), 0))).toEqual([]);
    expect((await trail.history(Seat, { row: 'B', number: 7 })).entries).toMatchObject([{ entity: 'Seat' }]);
    expect((await trail.history(Article, 1)).entries).toMatchObject([{ entity: 'Article' }]);
    expect((await trail.history(Film, 2)).entries).toMatchObject([{ entity: 'Film' }]);
  });

  it('puts no redacted value, and no column that is not audited, into any audit table', async () => {
    const file = await oldDatabase([Account], (database) => {
      database.exec(`INSERT INTO account (name, password, scratch) VALUES ('anna', 'secret-1', 'scratch-1')`);
    });
    const { trail } = await audited([Account], { url: `sqlite:${file}` });
    expect(await trail.baseline()).toMatchObject({ recorded: 1 });
    const { entries } = await trail.history(Account, 1);
    expect(entries[0]!.after).toEqual({ id: 1, name: 'anna', password: { $redacted: true } });
    const tables = ['audit_entry', 'audit_outbox', 'audit_meta', 'audit_context'];
    const log = behindTheBack(file, (database) =>
      tables.map((table) => database.prepare(`SELECT * FROM ${table}`).all()),
    );
    expect(JSON.stringify(log)).not.toMatch(/secret-1|scratch-1/);
  });

  it('keeps the order of the log while the application writes', async () => {
    const file = await oldDatabase([Item], (database) => fillItems(database, 6000));
    const before = takeSnapshot(file);
    const { dataSource, trail } = await audited([Item], { url: `sqlite:${file}`, drain: true, commitIntervalMs: 20 });
    let isDone = false;
    const write = async (seed: number) => {
      for (let step = seed; !isDone; step += 4) {
        const id = ((step * 7919) % 6000) + 1;
        await dataSource.manager.update(Item, { id }, { name: `changed in step ${step}` });
        await dataSource.manager.delete(Item, { id: id + 3 });
        if (step % 3 === 0) {
          await dataSource.manager
            .query(`INSERT OR REPLACE INTO item SELECT id + 1, name, note, price, stock, active, meta,
            madeAt, picture FROM item WHERE id = ${id}`);
        }
      }
    };
    const writers = [1, 2, 3].map(write);
    const report = await trail.baseline({ chunkSize: 50 });
    isDone = true;
    await Promise.all(writers);
    await trail.flush();
    expect(report.recorded).toBeGreaterThan(0);

    const after = takeSnapshot(file);
    const maps = readColumnMaps(file);
    const entries = await readEntries(trail, maps, 0);
    const changes = entries.map((entry) => toRowChange(entry, maps));
    // Backwards, a baseline takes away the row that it found: what is left are rows whose first entry is a change.
    const backwards = replay(after, changes, 'backwards');
    expect(backwards.problems).toEqual([]);
    const forwards = replay(backwards.state, changes, 'forwards');
    expect([...forwards.problems, ...differences(forwards.state, after)]).toEqual([]);
    const first = new Map(entries.map((entry) => [entry.entityId, entry] as const).reverse());
    const found = [...first.values()].filter(({ operation }) => operation === 'baseline');
    const start = replay(
      backwards.state,
      found.map((entry) => toRowChange(entry, maps)),
      'forwards',
    );
    expect(differences(start.state, before)).toEqual([]);
    const baselines = entries.filter(({ operation }) => operation === 'baseline').map(({ entityId }) => entityId);
    expect(new Set(baselines).size).toBe(baselines.length);
    expect(await trail.doctor()).toMatchObject({ differences: [] });
  });

  it('tells how far it is, and goes on where it was broken off', async () => {
    const file = await oldDatabase([Item], (database) => fillItems(database, 1000));
    const { trail } = await audited([Item], { url: `sqlite:${file}` });
    const seen: CheckProgress[] = [];
    const stop = new Error('enough');
    const onProgress = (progress: CheckProgress) => {
      seen.push(progress);
      if (progress.done >= 300) throw stop;
    };
    await expect(trail.baseline({ chunkSize: 100, onProgress })).rejects.toBe(stop);
    expect(seen).toEqual([100, 200, 300].map((done) => ({ table: 'item', done, total: 1000 })));
    expect(await trail.baseline({ chunkSize: 100 })).toMatchObject({ rows: 1000, recorded: 700 });
  });

  it('sees the entries that come after it has begun', async () => {
    const file = await oldDatabase([Item], (database) => fillItems(database, 300));
    const { dataSource, trail } = await audited([Item], { url: `sqlite:${file}` });
    const writes: Promise<unknown>[] = [];
    const onProgress = ({ done }: CheckProgress) => {
      if (done === 100) writes.push(dataSource.manager.update(Item, { id: 250 }, { name: 'changed' }));
    };
    expect(await trail.baseline({ chunkSize: 100, onProgress })).toMatchObject({ rows: 300, recorded: 299 });
    await Promise.all(writes);
    const { entries } = await trail.history(Item, 250);
    expect(entries).toMatchObject([{ operation: 'update', before: { name: 'item 250' } }]);
  });

  it('bounds a chunk by bytes too', async () => {
    const file = await oldDatabase([Item], (database) => {
      fillItems(database, 6);
      database.exec(`UPDATE item SET picture = zeroblob(400000)`);
    });
    const { trail } = await audited([Item], { url: `sqlite:${file}` });
    const done: number[] = [];
    await trail.baseline({ onProgress: (progress) => done.push(progress.done) });
    expect(done).toEqual([3, 6, 6]);
    expect(fromLog(file, await readEntries(trail, readColumnMaps(file), 0))).toEqual([]);
  });

  it('says who wanted it', async () => {
    const file = await oldDatabase([Item], (database) => fillItems(database, 3));
    const { trail } = await audited([Item], { url: `sqlite:${file}` });
    await auditContext.run({ actor: 'anna', reason: 'first day' }, () => trail.baseline());
    const { entries } = await trail.recent({ actor: 'anna' });
    expect(entries).toMatchObject([{ reason: 'first day' }, {}, {}]);
    expect(new Set(entries.map(({ transactionId }) => transactionId)).size).toBe(1);
  });

  it('looks at the named entities only, and refuses what it does not know', async () => {
    const { dataSource, trail } = await audited([Item, Seat, Content, Article, Film]);
    const tables = async (entities: Parameters<typeof trail.baseline>[0]) =>
      (await trail.baseline(entities)).tables.map(({ table }) => table);
    expect(await tables({})).toEqual(['content', 'item', 'seat']);
    expect(await tables({ entities: [Seat, 'Film', 'content'] })).toEqual(['seat', 'content']);
    await expect(trail.baseline({ entities: ['Nobody'] })).rejects.toThrow(UnknownEntityError);
    await expect(trail.baseline({ entities: [Account] })).rejects.toThrow(UnknownEntityError);
    await expect(trail.baseline({ chunkSize: 0 })).rejects.toThrow(InvalidQueryError);
    await dataSource.transaction(async () => {
      await expect(trail.baseline()).rejects.toThrow(TransactionHeldError);
    });
  });
});
