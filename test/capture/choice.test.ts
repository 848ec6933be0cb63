import { describe, expect, it } from 'vitest';
import { auditContext, ReasonRequiredError } from '../../src/index';
import { audited } from '../support/databases';
import { Note } from '../support/note';

describe('what is captured', () => {
  it('is what the options include', async () => {
    const { dataSource, trail } = await audited([Note], { include: ['Other*'] });
    await dataSource.getRepository(Note).insert({ text: 'a' });
    expect((await trail.recent({ fresh: true })).entries).toEqual([]);
    expect((await trail.stats()).capture).toMatchObject({
      tables: [],
      notCaptured: [{ table: 'note', reason: 'not included by the options' }],
    });
  });

  it('can be a table without an entity', async () => {
    const { dataSource, trail } = await audited([Note], { tables: ['plain', 'search'] });
    await dataSource.query('CREATE TABLE plain (a INTEGER, b TEXT, note, PRIMARY KEY (b, a))');
    await dataSource.query(`INSERT INTO plain VALUES (1, 'x', 1.5)`);
    await dataSource.query(`UPDATE plain SET note = 'changed'`);
    const { entries } = await trail.recent({ fresh: true });
    expect(entries.map(({ entity, entityId, operation, after }) => [entity, entityId, operation, after])).toEqual([
      ['plain', '{"a":1,"b":"x"}', 'update', { a: 1, b: 'x', note: 'changed' }],
      ['plain', '{"a":1,"b":"x"}', 'insert', { a: 1, b: 'x', note: 1.5 }],
    ]);
  });

  it('is no virtual table, which is said', async () => {
    const { dataSource, trail } = await audited([Note], { tables: ['search'] });
    await dataSource.query('CREATE VIRTUAL TABLE search USING fts5(body)');
    await dataSource.query(`INSERT INTO search VALUES ('a word')`);
    await dataSource.getRepository(Note).insert({ text: 'a' });
    const { capture } = await trail.stats({ fresh: true });
    expect(capture.tables).toEqual(['note']);
    expect(capture.notCaptured).toContainEqual({ table: 'search', reason: 'a virtual table, which takes no triggers' });
    expect(capture.missingTriggers).toEqual([]);
  });
});

describe('a reason that is required', () => {
  it('is required of raw SQL too, whatever its conflict clause', async () => {
    const { dataSource, trail } = await audited([Note], { requireReason: ['Note'] });
    for (const sql of [
      `INSERT INTO note (text) VALUES ('a')`,
      `INSERT OR IGNORE INTO note (text) VALUES ('a')`,
      `INSERT OR REPLACE INTO note (id, text) VALUES (1, 'a')`,
    ]) {
      await expect(dataSource.query(sql)).rejects.toThrow(ReasonRequiredError);
    }
    await expect(dataSource.query(`INSERT INTO note (text) VALUES ('a')`)).rejects.toThrow(
      'A change of Note needs a reason.',
    );
    await auditContext.run({ reason: 'asked for' }, () => dataSource.query(`INSERT INTO note (text) VALUES ('b')`));
    const { entries } = await trail.recent({ fresh: true });
    expect(entries).toMatchObject([{ operation: 'insert', reason: 'asked for', after: { text: 'b' } }]);
    expect(await dataSource.getRepository(Note).count()).toBe(1);
  });
});
