import { Column, Entity, PrimaryColumn } from 'typeorm';
import { describe, expect, it } from 'vitest';
import type { AuditTrail, Image } from '../../src/index';
import { Article, Content, Film } from '../baseline/entities';
import { audited } from '../support/databases';

@Entity()
class Box {
  @PrimaryColumn({ type: 'varchar' })
  id!: string;

  @Column({ type: 'integer' })
  v!: number;
}

async function withBoxes() {
  const { dataSource, trail } = await audited([Box]);
  const run = (sql: string) => dataSource.query(sql);
  return { dataSource, trail, run };
}

/** The image before an entry. */
async function before(trail: AuditTrail, id: string, beforeEntry: number): Promise<Image | null> {
  return (await trail.asOf(Box, id, { beforeEntry }))?.image ?? null;
}

describe('a row whose key changes', () => {
  it('keeps its history, and the old key says where it went', async () => {
    const { trail, run } = await withBoxes();
    await run(`INSERT INTO box VALUES ('a', 1)`); // 1
    await run(`UPDATE box SET v = 2`); // 2
    await run(`UPDATE box SET id = 'b', v = 3`); // 3
    await run(`UPDATE box SET v = 4`); // 4
    await run(`UPDATE box SET id = 'c'`); // 5
    await run(`INSERT INTO box VALUES ('a', 10)`); // 6
    const ids = async (id: string) => (await trail.history(Box, id)).entries.map((entry) => entry.id);
    expect(await ids('c')).toEqual([5, 4, 3, 2, 1]);
    expect(await ids('b')).toEqual([5, 4, 3, 2, 1]);
    expect(await ids('a')).toEqual([6, 3, 2, 1]);

    expect(await before(trail, 'c', 100)).toEqual({ id: 'c', v: 4 });
    expect(await before(trail, 'c', 5)).toEqual({ id: 'b', v: 4 });
    expect(await before(trail, 'c', 3)).toEqual({ id: 'a', v: 2 });
    expect(await before(trail, 'c', 1)).toBeNull();
    expect(await before(trail, 'b', 4)).toEqual({ id: 'b', v: 3 });
    expect(await before(trail, 'b', 6)).toBeNull();
    expect(await before(trail, 'a', 3)).toEqual({ id: 'a', v: 2 });
    expect(await before(trail, 'a', 4)).toBeNull();
    expect(await before(trail, 'a', 7)).toEqual({ id: 'a', v: 10 });
    expect((await trail.doctor()).differences).toEqual([]);
  });

  it('has pages without gaps or repeats, and filters, across the change', async () => {
    const { trail, run } = await withBoxes();
    await run(`INSERT INTO box VALUES ('k0', 0)`);
    for (let key = 1; key <= 5; key += 1) {
      await run(`UPDATE box SET v = v + 1`);
      await run(`INSERT INTO box VALUES ('other', 0)`);
      await run(`DELETE FROM box WHERE id = 'other'`);
      await run(`UPDATE box SET id = 'k${key}'`);
    }
    const expected = (await trail.recent({ fresh: true })).entries.filter(({ entityId }) => entityId !== 'other');
    expect(expected).toHaveLength(11);
    for (const limit of [1, 2, 3, 10, 11]) {
      const seen: number[] = [];
      let cursor: string | undefined;
      do {
        const page = await trail.history(Box, 'k5', { limit, ...(cursor && { cursor }) });
        seen.push(...page.entries.map(({ id }) => id));
        cursor = page.nextCursor ?? undefined;
      } while (cursor);
      expect(seen).toEqual(expected.map(({ id }) => id));
    }
    const moves = await trail.history(Box, 'k5', { field: 'id', operation: 'update' });
    expect(moves.entries.map(({ entityId }) => entityId)).toEqual(['k5', 'k4', 'k3', 'k2', 'k1']);
  });

  it('is not taken for the row with which it changed keys', async () => {
    const { trail, run } = await withBoxes();
    await run(`INSERT INTO box VALUES ('a', 1), ('b', 2)`); // 1, 2
    await run(`UPDATE box SET id = 'x' WHERE id = 'a'`); // 3
    await run(`UPDATE box SET id = 'a' WHERE id = 'b'`); // 4
    await run(`UPDATE box SET id = 'b' WHERE id = 'x'`); // 5
    expect(await before(trail, 'a', 3)).toEqual({ id: 'a', v: 1 });
    expect(await before(trail, 'b', 3)).toEqual({ id: 'b', v: 2 });
    expect(await before(trail, 'a', 9)).toEqual({ id: 'a', v: 2 });
    expect(await before(trail, 'b', 9)).toEqual({ id: 'b', v: 1 });
    expect((await trail.doctor()).differences).toEqual([]);
  });

  it('is known from before the trail', async () => {
    const { dataSource, trail, run } = await withBoxes();
    await run(`INSERT INTO box VALUES ('a', 1)`);
    await trail.flush();
    await run(`DELETE FROM audit_entry`);
    await run(`UPDATE box SET id = 'b'`);
    expect((await trail.asOf(Box, 'b', '2020-01-01'))?.image).toEqual({ id: 'a', v: 1 });
    expect((await trail.asOf(Box, 'a', '2020-01-01'))?.image).toEqual({ id: 'a', v: 1 });
    await dataSource.destroy();
  });
});

describe('a row whose class changes', () => {
  it('keeps its history, whichever class it is asked for by', async () => {
    const { dataSource, trail } = await audited([Content, Article, Film]);
    await dataSource.getRepository(Article).save({ title: 'one', text: 'text' });
    await dataSource.query(`UPDATE content SET kind = 'Film', minutes = 3`);
    await dataSource.getRepository(Film).update(1, { minutes: 4 });
    for (const entity of [Content, Article, Film]) {
      const { entries } = await trail.history(entity, 1);
      expect(entries.map((entry) => entry.entity)).toEqual(['Film', 'Film', 'Article']);
      expect(await trail.asOf(entity, 1, { beforeEntry: 2 })).toMatchObject({
        image: { kind: 'Article', text: 'text' },
      });
      expect(await trail.asOf(entity, 1, new Date())).toMatchObject({ image: { kind: 'Film', minutes: 4 } });
    }
  });
});
