import { Column, Entity, PrimaryColumn, PrimaryGeneratedColumn } from 'typeorm';
import { describe, expect, it } from 'vitest';
import {
  auditContext,
  InvalidCursorError,
  InvalidQueryError,
  NotAudited,
  Redacted,
  UnknownEntityError,
} from '../../src/index';
import { audited } from '../support/databases';
import { Note } from '../support/note';

@Entity()
class Person {
  @PrimaryGeneratedColumn()
  id!: number;

  @Column({ type: 'varchar' })
  name!: string;

  @Column({ type: 'varchar', select: false, nullable: true })
  salary!: string | null;

  @Column({ type: 'varchar', nullable: true })
  @Redacted()
  password!: string | null;

  @Column({ type: 'varchar', nullable: true })
  @NotAudited()
  cache!: string | null;
}

@Entity()
class Pair {
  @PrimaryColumn({ type: 'integer' })
  a!: number;

  @PrimaryColumn({ type: 'varchar' })
  b!: string;

  @Column({ type: 'integer' })
  v!: number;
}

async function withNotes() {
  const { dataSource, trail } = await audited([Note, Pair]);
  const notes = dataSource.getRepository(Note);
  for (const actor of ['ann', 'bob']) {
    await auditContext.run({ actor, correlationId: `by ${actor}` }, async () => {
      const { id } = await notes.save({ text: actor });
      await notes.update(id, { text: `${actor}!` });
    });
  }
  await dataSource.getRepository(Pair).save({ a: 1, b: 'x', v: 1 });
  await trail.flush();
  return { dataSource, trail };
}

describe('recent()', () => {
  it('gives pages, newest first, without gaps or repeats while entries are added', async () => {
    const { dataSource, trail } = await withNotes();
    const seen: number[] = [];
    let cursor: string | undefined;
    do {
      const page = await trail.recent({ limit: 2, ...(cursor && { cursor }) });
      seen.push(...page.entries.map(({ id }) => id));
      cursor = page.nextCursor ?? undefined;
      await dataSource.getRepository(Note).insert({ text: 'meanwhile' });
      await trail.flush();
    } while (cursor);
    expect(seen).toEqual([5, 4, 3, 2, 1]);
  });

  it.each([
    [{ entity: 'Note' }, [4, 3, 2, 1]],
    [{ entity: 'Note', entityId: '2' }, [4, 3]],
    [{ entityId: '{"a":1,"b":"x"}' }, [5]],
    [{ operation: 'update' }, [4, 2]],
    [{ actor: 'bob' }, [4, 3]],
    [{ correlationId: 'by ann' }, [2, 1]],
    [{ field: 'text' }, [4, 3, 2, 1]],
    [{ field: 'id', operation: 'update' }, []],
    [{ field: 'tex' }, []],
    [{ from: '2020-01-01', to: '2020-01-02T00:00:00Z' }, []],
    [{ from: '2020-01-01', limit: 1 }, [5]],
  ] as const)('filters by %o', async (query, ids) => {
    const { trail } = await withNotes();
    expect((await trail.recent(query)).entries.map(({ id }) => id)).toEqual(ids);
  });

  it('says how far it reaches', async () => {
    const { dataSource, trail } = await withNotes();
    await dataSource.getRepository(Note).insert({ text: 'pending' });
    const stale = await trail.recent();
    expect(stale.pendingCount).toBe(1);
    expect(stale.entries).toHaveLength(5);
    const fresh = await trail.recent({ fresh: true });
    expect(fresh).toMatchObject({ pendingCount: 0, entries: [{ after: { text: 'pending' } }, {}, {}, {}, {}, {}] });
    expect(stale.completeUpTo <= fresh.entries[0]!.recordedAt).toBe(true);
  });

  it.each([
    [{ limit: 0 }, InvalidQueryError],
    [{ limit: 501 }, InvalidQueryError],
    [{ limit: Number.NaN }, InvalidQueryError],
    [{ operation: 'explode' }, InvalidQueryError],
    [{ from: 'yesterday' }, InvalidQueryError],
    [{ from: '2026-13-01' }, InvalidQueryError],
    [{ from: '2026-02-30' }, InvalidQueryError],
    [{ reveal: ['Note.nothing'] }, InvalidQueryError],
    [{ to: '2026-01-01T12:00' }, InvalidQueryError],
    [{ actor: 7 }, InvalidQueryError],
    [{ entitty: 'Note' }, InvalidQueryError],
    [{ cursor: '' }, InvalidCursorError],
    [{ cursor: 'djE6' }, InvalidCursorError],
    [{ cursor: 'djE6OTk5OTk5OTk5OTk5OTk5OQ' }, InvalidCursorError],
  ])('refuses %o', async (query, error) => {
    const { trail } = await audited([Note]);
    await expect(trail.recent(query as never)).rejects.toThrow(error);
  });
});

describe('columns with a mark', () => {
  async function withPerson() {
    const audit = await audited([Person]);
    const people = audit.dataSource.getRepository(Person);
    const { id } = await people.save({ name: 'ann', salary: '100', password: 'first secret', cache: 'c1' });
    await people.update(id, { password: 'second secret' });
    await people.update(id, { cache: 'c2' });
    await people.update(id, { salary: '200', name: 'Ann' });
    return { ...audit, id };
  }

  it('masks select: false, unless it is revealed', async () => {
    const { trail } = await withPerson();
    const masked = (await trail.recent({ fresh: true, limit: 1 })).entries[0]!;
    expect(masked.changes).toEqual([
      { field: 'name', before: 'ann', after: 'Ann' },
      { field: 'salary', before: { $masked: true }, after: { $masked: true } },
    ]);
    const shown = (await trail.recent({ limit: 1, reveal: ['Person.salary'] })).entries[0]!;
    expect(shown.changes[1]).toEqual({ field: 'salary', before: '100', after: '200' });
  });

  it('says of @Redacted() that it changed; the value is in no audit table, the outbox included', async () => {
    const { dataSource, trail } = await withPerson();
    const tables = ['audit_outbox', 'audit_entry', 'audit_context', 'audit_rollup', 'audit_meta', 'audit_quarantine'];
    const everything = async () =>
      JSON.stringify(await Promise.all(tables.map((table) => dataSource.query(`SELECT * FROM ${table}`))));
    expect(await everything()).toContain('ann');
    expect(await everything()).not.toContain('secret');
    const { entries } = await trail.recent({ fresh: true });
    expect(await everything()).not.toContain('secret');
    expect(entries[1]).toMatchObject({
      operation: 'update',
      before: { password: { $redacted: true } },
      changes: [{ field: 'password', before: { $redacted: true }, after: { $redacted: true, changed: true } }],
    });
    expect(entries[0]!.changes.map(({ field }) => field)).not.toContain('password');
  });

  it('leaves @NotAudited() out, and records no change of it alone', async () => {
    const { trail } = await withPerson();
    const { entries } = await trail.recent({ fresh: true });
    expect(entries).toHaveLength(3);
    for (const { before, after } of entries) expect(Object.keys({ ...before, ...after })).not.toContain('cache');
  });
});

describe('history() and asOf()', () => {
  it('follow one row, whatever its key', async () => {
    const { dataSource, trail } = await withNotes();
    await dataSource.getRepository(Pair).update({ a: 1, b: 'x' }, { v: 2 });
    const { entries } = await trail.history(Pair, { b: 'x', a: 1 });
    expect(entries.map(({ operation }) => operation)).toEqual(['update', 'insert']);
    expect((await trail.history(Note, 2)).entries).toHaveLength(2);
    await expect(trail.history('Nothing', 1)).rejects.toThrow(UnknownEntityError);
  });

  it('give the row as it was', async () => {
    const { dataSource, trail } = await audited([Note]);
    const notes = dataSource.getRepository(Note);
    const before = new Date(Date.now() - 1000);
    const { id } = await notes.save({ text: 'first' });
    const pause = () => new Promise((resolve) => setTimeout(resolve, 5));
    const first = new Date();
    await pause();
    await notes.update(id, { text: 'second' });
    const second = new Date();
    await pause();
    await notes.delete(id);
    expect(await trail.asOf(Note, id, before)).toBeNull();
    expect(await trail.asOf(Note, id, first)).toMatchObject({ image: { text: 'first' }, unrestorable: [] });
    expect(await trail.asOf(Note, id, second.toISOString())).toMatchObject({ image: { text: 'second' } });
    await trail.record({ name: 'archived', entity: 'Note', entityId: String(id) });
    expect(await trail.asOf(Note, id, new Date())).toBeNull();
    await expect(trail.asOf(Note, id, 'soon')).rejects.toThrow(InvalidQueryError);
  });
});

describe('record()', () => {
  it('writes an event in the transaction of the flow', async () => {
    const { dataSource, trail } = await audited([Note]);
    const event = { name: 'report.approved', entity: 'Note', entityId: '1', data: { by: 'ann' } };
    await auditContext.run({ actor: 'ann' }, () => trail.record(event));
    const undone = dataSource.transaction(async () => {
      await trail.record({ name: 'never.happened' });
      throw new Error('undone');
    });
    await expect(undone).rejects.toThrow('undone');
    const { entries } = await trail.recent({ fresh: true });
    expect(entries).toMatchObject([
      {
        operation: 'event',
        entity: 'Note',
        entityId: '1',
        actor: 'ann',
        after: { name: 'report.approved', data: { by: 'ann' } },
      },
    ]);
    await expect(trail.record({ name: '' })).rejects.toThrow(InvalidQueryError);
  });
});

describe('dashboard()', () => {
  it('counts what the log holds, by every dimension', async () => {
    const { trail } = await withNotes();
    const dashboard = await trail.dashboard({ fresh: true });
    expect(dashboard).toMatchObject({
      totalEntries: 5,
      entriesByOperation: { insert: 3, update: 2 },
      topEntities: [
        { name: 'Note', count: 4 },
        { name: 'Pair', count: 1 },
      ],
      topActors: [
        { name: 'ann', count: 2 },
        { name: 'bob', count: 2 },
      ],
      pendingCount: 0,
    });
    expect(dashboard.hours).toHaveLength(24);
    expect(dashboard.days).toHaveLength(30);
    expect(dashboard.hours.reduce((sum, { count }) => sum + count, 0)).toBe(5);
    expect(dashboard.days.at(-1)!.count + dashboard.days.at(-2)!.count).toBe(5);
    expect(dashboard.latest).toHaveLength(5);
  });
});
