import { EntitySchema } from 'typeorm';
import { describe, expect, it } from 'vitest';
import { type AuditTrailOptions, auditContext } from '../../src/index';
import { audited } from '../support/databases';
import { Note } from '../support/note';

/** A row of it takes two rows of the outbox. */
const Wide = new EntitySchema<Record<string, unknown>>({
  name: 'Wide',
  columns: {
    id: { type: 'integer', primary: true },
    ...Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`c${index}`, { type: 'text', default: 'x' }])),
  },
});

async function withRecords(options: AuditTrailOptions = {}) {
  const warnings: string[] = [];
  const { dataSource, trail } = await audited([Note, Wide], { ...options, onWarning: (text) => warnings.push(text) });
  const notes = dataSource.getRepository(Note);
  await auditContext.run({ actor: 'ann' }, () => notes.insert({ text: 'first' }));
  await auditContext.run({ actor: 'bob' }, () => notes.insert({ text: 'second' }));
  await auditContext.run({ actor: 'cid' }, () => notes.insert({ text: 'third' }));
  const texts = async () => (await trail.recent()).entries.map(({ after }) => after?.['text'] ?? after?.['name']);
  return { dataSource, trail, notes, warnings, texts };
}

const columns = `map, operation, part, transaction_id, recorded_at, context, ${Array.from({ length: 32 }, (_, index) => `v${index}`).join(', ')}`;
const asStored = columns
  .split(', ')
  .map((name) => `quote(${name}) AS ${name}`)
  .join(', ');

describe('a record that can not be read', () => {
  it.each([
    ['map = 999', 'column map'],
    ['map = NULL', 'column map'],
    [`map = 'x'`, 'column map'],
    [`operation = 'X'`, 'operation'],
    ['operation = NULL', 'operation'],
    ['part = 7', 'first row'],
    ['part = NULL', 'first row'],
    ['transaction_id = NULL', 'transaction'],
    [`transaction_id = x'00ff'`, 'transaction'],
    ['recorded_at = NULL', 'instant'],
    [`recorded_at = 'noon'`, 'instant'],
    ['recorded_at = 9000000000000000000', 'instant'],
    [`operation = 'U', v0 = NULL`, 'what changed'],
    [`context = '{"actor":'`, 'context'],
    [`context = '["ann"]'`, 'context'],
    [`context = 'null'`, 'context'],
    [`context = '{"actor":{}}'`, 'context'],
    [`context = x'00'`, 'context'],
    [`operation = 'E', v0 = 'approved'`, 'event'],
    [`operation = 'E', v0 = NULL`, 'event'],
    [`operation = 'E', v0 = '{"entity":"Note"}'`, 'event'],
    [`operation = 'E', v0 = '{"name":"approved","entityId":{}}'`, 'event'],
  ])('after "%s" is set aside as it was stored, and the rest goes on', async (damage, reason) => {
    const { dataSource, trail, warnings, texts } = await withRecords();
    await dataSource.query(`UPDATE audit_outbox SET ${damage}, v9 = 1.0, v10 = x'00ff', v11 = '1' WHERE id = 2`);
    const stored: unknown = await dataSource.query(`SELECT ${asStored} FROM audit_outbox WHERE id = 2`);

    expect(await trail.flush()).toMatchObject({ flushed: 2, pendingCount: 0 });
    expect(await texts()).toEqual(['third', 'first']);
    expect(await dataSource.query(`SELECT ${asStored} FROM audit_quarantine`)).toEqual(stored);
    expect(warnings).toEqual([expect.stringMatching(new RegExp(`2 \\(.*${reason}`))]);
    expect(await trail.stats()).toMatchObject({ quarantinedCount: 1, totalEntries: 2, flushFailures: 0 });
    const { quarantined } = await trail.doctor();
    expect(quarantined).toMatchObject([{ outboxId: 2, reason: expect.stringContaining(reason) as unknown }]);
  });

  it('of several rows is set aside with all that is left of it', async () => {
    const { dataSource, trail, texts } = await withRecords();
    const wide = dataSource.getRepository(Wide);
    await wide.insert([{ id: 1 }, { id: 2 }, { id: 3 }]);
    await dataSource.query('DELETE FROM audit_outbox WHERE id IN (5, 6)');
    expect(await trail.flush()).toMatchObject({ flushed: 4, pendingCount: 0 });
    expect((await trail.recent({ entity: 'Wide' })).entries.map(({ entityId }) => entityId)).toEqual(['3']);
    expect(await texts()).toEqual([undefined, 'third', 'second', 'first']);
    const kept = await dataSource.query('SELECT outbox_id, part, reason FROM audit_quarantine');
    expect(kept).toEqual([
      { outbox_id: 4, part: 0, reason: 'it has 1 of its 2 rows' },
      { outbox_id: 7, part: 1, reason: 'its first row is not there' },
    ]);
  });

  it('whose last rows are missing at the end of the outbox is set aside too', async () => {
    const { dataSource, trail } = await withRecords();
    await dataSource.getRepository(Wide).insert({ id: 1 });
    await dataSource.query('DELETE FROM audit_outbox WHERE id = 5');
    expect(await trail.flush()).toMatchObject({ flushed: 3, pendingCount: 0 });
    expect(await trail.stats()).toMatchObject({ quarantinedCount: 1 });
  });

  it('stays where it is, with all others, while entries can not be written', async () => {
    const { dataSource, trail, texts } = await withRecords({ allowLogDestruction: true });
    await dataSource.query('UPDATE audit_outbox SET map = 999 WHERE id = 2');
    await dataSource.query('ALTER TABLE audit_rollup RENAME TO away');
    await dataSource.query('CREATE TABLE audit_rollup (wrong TEXT)');
    await expect(trail.flush()).rejects.toThrow(/no column named period/);
    expect(await dataSource.query('SELECT count(*) AS n FROM audit_quarantine')).toEqual([{ n: 0 }]);
    await dataSource.query('DROP TABLE audit_rollup');
    await dataSource.query('ALTER TABLE away RENAME TO audit_rollup');
    expect(await trail.stats()).toMatchObject({ pendingCount: 3, quarantinedCount: 0, flushFailures: 1 });
    await trail.flush();
    expect(await texts()).toEqual(['third', 'first']);
  });

  it("is not taken for the record's fault where every record fails for a reason that nobody foresaw", async () => {
    const { dataSource, trail, texts } = await withRecords();
    const damage = async (from: string, to: string) =>
      dataSource.query(`UPDATE audit_meta SET value = replace(value, '"kind":"${from}"', '"kind":"${to}"')`);
    await damage('text', 'of-another-version');
    await expect(trail.flush()).rejects.toThrow(TypeError);
    expect(await trail.stats()).toMatchObject({ pendingCount: 3, quarantinedCount: 0, flushFailures: 1 });
    await trail.record({ name: 'approved' });
    expect(await trail.flush()).toMatchObject({ flushed: 1, pendingCount: 0 });
    expect(await texts()).toEqual(['approved']);
    expect(await trail.stats()).toMatchObject({ quarantinedCount: 3 });
  });

  it('says nothing of its values in a warning', async () => {
    const { dataSource, trail, warnings } = await withRecords();
    await dataSource.query(`UPDATE audit_outbox SET context = 'a secret' WHERE id = 2`);
    await trail.flush();
    expect(warnings.join()).not.toContain('secret');
  });
});

describe('JSON that is nested too deep to be written', () => {
  it('is kept as the text that it is', async () => {
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    const Box = new EntitySchema<{ id: number; data: unknown }>({
      name: 'Box',
      columns: { id: { type: 'integer', primary: true }, data: { type: 'simple-json' } },
    });
    const { dataSource, trail } = await audited([Box]);
    await dataSource.query('INSERT INTO box (id, data) VALUES (1, ?)', [deep]);
    const { entries } = await trail.recent({ fresh: true });
    expect(entries[0]!.after).toEqual({ id: 1, data: { $stored: { type: 'text', value: deep } } });
  });
});
