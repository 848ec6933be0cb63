import { existsSync } from 'node:fs';
import type { Database } from 'better-sqlite3';
import { DataSource } from 'typeorm';
import { describe, expect, it } from 'vitest';
import { AuditTrail, type AuditTrailOptions } from '../../src/index';
import { afterTest, temporaryFile } from '../support/databases';
import { Gate, settle } from '../support/gate';
import { Note } from '../support/note';

/** A database file under audit, with the driver's handles in the order in which they were prepared. */
async function open(options: AuditTrailOptions = {}, prepare: (database: Database) => void = () => undefined) {
  const file = temporaryFile();
  const handles: Database[] = [];
  const dataSource = new DataSource({
    type: 'better-sqlite3',
    database: file,
    entities: [Note],
    synchronize: true,
    prepareDatabase: (database: Database) => {
      prepare(database);
      handles.push(database);
    },
  });
  const trail = await AuditTrail.attach(dataSource, { drain: false, ...options });
  afterTest(async () => {
    if (dataSource.isInitialized) await dataSource.destroy();
  });
  const notes = dataSource.getRepository(Note);
  await notes.insert({ text: 'committed' });
  const texts = async () => (await notes.find({ order: { id: 'ASC' } })).map(({ text }) => text);
  return { file, handles, dataSource, trail, notes, texts };
}

/** Runs `work` while somebody's transaction is open that has run `statement`; undefined where it has to wait. */
async function during<T>(dataSource: DataSource, statement: string, work: () => Promise<T>): Promise<T | undefined> {
  const gate = new Gate();
  const begun = new Gate();
  const transaction = dataSource.transaction(async (manager) => {
    await manager.query(statement);
    begun.open();
    await gate.opened;
  });
  await begun.opened;
  const working = work();
  const early = await Promise.race([working, settle().then(() => undefined)]);
  gate.open();
  await transaction;
  await working;
  return early;
}

const insert = `INSERT INTO note (text) VALUES ('not committed yet')`;

describe('a read outside a transaction', () => {
  it("does not wait for somebody's, and sees what has committed", async () => {
    const { dataSource, notes, texts } = await open();
    expect(await during(dataSource, insert, texts)).toEqual(['committed']);
    expect(await texts()).toEqual(['committed', 'not committed yet']);
    expect(await during(dataSource, insert, () => notes.count())).toBe(2);
  });

  it("sees one's own writes", async () => {
    const { notes, texts } = await open();
    for (let round = 0; round < 20; round += 1) {
      const { id } = await notes.save({ text: `${round}` });
      expect((await notes.findOneBy({ id }))?.text).toBe(`${round}`);
      await notes.delete(id);
      expect(await texts()).toEqual(['committed']);
    }
  });

  it('inside a transaction sees what that has written', async () => {
    const { dataSource, notes, texts } = await open();
    await dataSource.transaction(async (manager) => {
      await manager.insert(Note, { text: 'own' });
      expect(await texts()).toEqual(['committed', 'own']);
      expect(await notes.countBy({ text: 'own' })).toBe(1);
    });
  });

  it('sees the schema as it was while it is being changed, and as it is afterwards', async () => {
    const { dataSource, texts } = await open();
    const columns = async () => Object.keys((await dataSource.query<object[]>('SELECT * FROM note'))[0]!);
    expect(await columns()).not.toContain('extra');
    expect(await during(dataSource, 'ALTER TABLE note ADD COLUMN extra TEXT', columns)).not.toContain('extra');
    expect(await columns()).toContain('extra');
    expect(await texts()).toEqual(['committed']);
    await expect(dataSource.query('SELECT * FROM later')).rejects.toThrow(/no such table: later/);
    await dataSource.query('CREATE TABLE later AS SELECT 1 AS one');
    const later = () => dataSource.query('SELECT * FROM later');
    expect(await during(dataSource, insert, later)).toEqual([{ one: 1 }]);
  });

  it('has the functions that prepareDatabase registers', async () => {
    const { dataSource, handles } = await open({}, (database) => {
      database.function('shout', (text: unknown) => `${String(text)}!`);
    });
    expect(handles).toHaveLength(2);
    const shouted = () => dataSource.query('SELECT shout(text) AS text FROM note');
    expect(await during(dataSource, insert, shouted)).toEqual([{ text: 'committed!' }]);
  });

  it('disturbs no count of what other connections commit', async () => {
    const { trail, texts } = await open();
    await texts();
    expect((await trail.stats()).capture.commitsByOtherConnections).toBe(0);
  });
});

describe('a read that only the writing connection can answer waits for it', () => {
  it('where it reads a temporary table, one that hides a table of the database among them', async () => {
    const { dataSource, notes } = await open();
    await dataSource.query('CREATE TEMP TABLE scratch AS SELECT 1 AS one');
    const scratch = () => dataSource.query('SELECT * FROM scratch');
    expect(await scratch()).toEqual([{ one: 1 }]);
    expect(await during(dataSource, insert, scratch)).toBeUndefined();
    expect(await during(dataSource, insert, () => notes.count())).toBe(2);
    await dataSource.query(`CREATE TEMP VIEW note AS SELECT 'hidden' AS text`);
    const hidden = () => dataSource.query('SELECT text FROM "note"');
    expect(await hidden()).toEqual([{ text: 'hidden' }]);
    expect(await during(dataSource, 'SELECT 1', hidden)).toBeUndefined();
    expect(await during(dataSource, 'DROP VIEW temp.note', hidden)).toBeUndefined();
    await dataSource.query(`CREATE TEMP VIEW note AS SELECT 'hidden' AS text`);
    const dropping = dataSource.transaction(async (manager) => {
      await manager.query('DROP VIEW temp.note');
      await Promise.resolve();
      throw new Error('roll back');
    });
    await expect(dropping).rejects.toThrow('roll back');
    expect(await hidden()).toEqual([{ text: 'hidden' }]);
    await dataSource.query('DROP VIEW temp.note');
    expect(await hidden()).toHaveLength(3);
  });

  it('where it asks about the connection', async () => {
    const { dataSource, notes } = await open();
    await notes.update({ text: 'committed' }, { text: 'updated' });
    const { lastInsertRowid } = (await dataSource.query('SELECT last_insert_rowid() AS lastInsertRowid'))[0];
    expect(lastInsertRowid).toBeGreaterThan(0);
    for (const sql of ['SELECT changes()', 'SELECT total_changes()', 'SELECT * FROM pragma_database_list']) {
      expect(await during(dataSource, insert, () => dataSource.query(sql))).toBeUndefined();
    }
  });

  it('where it uses a function or an attached file that the other connection does not have', async () => {
    const { dataSource, handles } = await open();
    handles[0]!.function('only_here', () => 'here');
    const call = () => dataSource.query('SELECT only_here() AS said');
    expect(await call()).toEqual([{ said: 'here' }]);
    expect(await during(dataSource, insert, call)).toBeUndefined();
    await dataSource.query(`ATTACH ':memory:' AS side`);
    await dataSource.query('CREATE TABLE side.t AS SELECT 2 AS two');
    expect(await dataSource.query('SELECT * FROM t')).toEqual([{ two: 2 }]);
    expect(await dataSource.query('SELECT * FROM side.t')).toEqual([{ two: 2 }]);
  });

  it('where a setting decides what it gives', async () => {
    const { dataSource } = await open();
    const like = () => dataSource.query(`SELECT count(*) AS n FROM note WHERE text LIKE 'COMMITTED'`);
    expect(await like()).toEqual([{ n: 1 }]);
    await dataSource.query('PRAGMA case_sensitive_like = ON');
    expect(await like()).toEqual([{ n: 0 }]);
  });

  it('with readers: false', async () => {
    const { dataSource, handles, texts } = await open({ readers: false });
    expect(handles).toHaveLength(1);
    expect(await during(dataSource, insert, texts)).toBeUndefined();
  });
});

describe('the second connection', () => {
  it('is closed before the writing one, which clears the write-ahead log away', async () => {
    const { dataSource, file, handles, texts } = await open();
    await texts();
    await dataSource.destroy();
    expect(handles.map((database) => database.open)).toEqual([false, false]);
    expect(existsSync(`${file}-wal`)).toBe(false);
  });

  it('holds no snapshot that would keep the write-ahead log from being reset', async () => {
    const { dataSource, texts, notes } = await open();
    await texts();
    await notes.insert({ text: 'another' });
    const [{ busy, log, checkpointed }] = await dataSource.query('PRAGMA wal_checkpoint(RESTART)');
    expect({ busy, behind: log - checkpointed }).toEqual({ busy: 0, behind: 0 });
  });

  it('that can not be prepared leaves the reading to the first, and a warning', async () => {
    const warnings: string[] = [];
    let isFirst = true;
    const { dataSource, texts } = await open({ onWarning: (text) => void warnings.push(text) }, () => {
      if (!isFirst) throw new Error('once only');
      isFirst = false;
    });
    expect(await texts()).toEqual(['committed']);
    expect(await during(dataSource, insert, texts)).toBeUndefined();
    expect(warnings).toEqual([expect.stringMatching(/no second connection can be opened.*once only/)]);
  });
});
