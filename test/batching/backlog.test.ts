import { describe, expect, it } from 'vitest';
import { audited, temporaryFile } from '../support/databases';
import { Note } from '../support/note';

const many = (count: number) => Array.from({ length: count }, (_, index) => ({ text: `note ${index}` }));

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

const sleeping = { drain: true, commitIntervalMs: 3_600_000, batchSize: 1000 } as const;

describe('a backlog beyond its limit', () => {
  it('is said once, and again when it is over', async () => {
    const warnings: string[] = [];
    const onWarning = (text: string) => warnings.push(text);
    const { dataSource, trail } = await audited([Note], { ...sleeping, backlogLimit: 10, onWarning });
    const notes = dataSource.getRepository(Note);
    await notes.insert(many(10));
    expect(await trail.stats()).toMatchObject({ backlog: { limit: 10, policy: 'grow', exceeded: false } });
    await notes.insert(many(1));
    await until(() => warnings.length > 0);
    await notes.insert(many(5));
    expect(await trail.stats()).toMatchObject({ pendingCount: 16, backlog: { exceeded: true } });
    expect(warnings).toEqual([
      expect.stringMatching(/^audit trail: 11 rows wait .* backlogLimit \(10\); it grows on$/),
    ]);
    await trail.flush();
    expect(warnings).toEqual([expect.anything(), expect.stringContaining('the backlog is over')]);
    expect((await trail.stats()).backlog.exceeded).toBe(false);
  });

  it('is said of what an earlier process has left, at the first change', async () => {
    const warnings: string[] = [];
    const url = `sqlite:${temporaryFile()}`;
    const earlier = await audited([Note], { url });
    await earlier.dataSource.getRepository(Note).insert(many(20));
    await earlier.trail.close({ drainTimeoutMs: 0 });
    await earlier.dataSource.destroy();
    const { dataSource } = await audited([Note], { url, backlogLimit: 10, onWarning: (text) => warnings.push(text) });
    await dataSource.getRepository(Note).insert({ text: 'one more' });
    await until(() => warnings.length > 0);
    expect(warnings).toEqual([expect.stringContaining('21 rows wait')]);
  });

  it('makes writers wait for the drain with the policy slow-writers', async () => {
    const warnings: string[] = [];
    const onWarning = (text: string) => warnings.push(text);
    const options = { ...sleeping, backlogLimit: 10, backlogPolicy: 'slow-writers', onWarning } as const;
    const { dataSource, trail } = await audited([Note], options);
    const notes = dataSource.getRepository(Note);
    await notes.insert(many(50));
    await until(() => warnings.length > 0);
    expect(warnings[0]).toContain('writers are slowed');
    expect((await trail.stats()).pendingCount).toBe(50);
    await dataSource.transaction((manager) => manager.insert(Note, { text: 'after a slice' }));
    expect((await trail.stats()).pendingCount).toBe(1);
  });

  it('holds nobody up while the drain is off or fails, and says so', async () => {
    const warnings: string[] = [];
    const onWarning = (text: string) => warnings.push(text);
    const options = { backlogLimit: 10, backlogPolicy: 'slow-writers', onWarning } as const;
    const off = await audited([Note], options);
    await off.dataSource.getRepository(Note).insert(many(50));
    await until(() => warnings.length > 0);
    expect(warnings.splice(0)).toEqual([expect.stringContaining('the drain is off')]);
    await off.dataSource.getRepository(Note).insert(many(1));
    expect((await off.trail.stats()).pendingCount).toBe(51);

    const failing = await audited([Note], { ...sleeping, ...options, allowLogDestruction: true });
    const notes = failing.dataSource.getRepository(Note);
    await failing.dataSource.query('ALTER TABLE audit_rollup RENAME TO away');
    await failing.dataSource.query('CREATE TABLE audit_rollup (wrong TEXT)');
    await notes.insert(many(50));
    await until(() => warnings.length > 0);
    for (const text of ['a', 'b', 'c']) await notes.insert({ text });
    expect(warnings.filter((text) => text.includes('a drain failed'))).toHaveLength(1);
    expect(warnings.at(-1)).toContain('no writer is slowed meanwhile: ');
    await failing.dataSource.query('DROP TABLE audit_rollup');
    await failing.dataSource.query('ALTER TABLE away RENAME TO audit_rollup');
    expect(await failing.trail.flush()).toMatchObject({ pendingCount: 0 });
  });

  it('does not hold up a transaction that has begun', async () => {
    const warnings: string[] = [];
    const options = { ...sleeping, backlogLimit: 1, backlogPolicy: 'slow-writers' } as const;
    const { dataSource, trail } = await audited([Note], { ...options, onWarning: (text) => warnings.push(text) });
    await dataSource.getRepository(Note).insert(many(5));
    await until(() => warnings.length > 0);
    await dataSource.transaction(async (manager) => {
      for (const note of many(20)) await manager.insert(Note, note);
      await manager.transaction((inner) => inner.insert(Note, { text: 'inner' }));
    });
    expect((await trail.flush()).pendingCount).toBe(0);
    expect((await trail.stats()).totalEntries).toBe(26);
  });
});
