import type Database from 'better-sqlite3';
import { Column, Entity, ManyToOne, PrimaryColumn, PrimaryGeneratedColumn } from 'typeorm';
import { describe, expect, it } from 'vitest';
import {
  AuditTrail,
  auditContext,
  type AuditTrailOptions,
  CaptureBrokenError,
  ChangeNotRecordedError,
  ContextRequiredError,
  createDataSource,
  ReasonRequiredError,
} from '../../src/index';
import { afterTest, audited, type Audited } from '../support/databases';

@Entity()
class Draft {
  @PrimaryGeneratedColumn()
  id!: number;

  @Column({ type: 'varchar', default: '' })
  text!: string;
}

@Entity()
class Invoice {
  @PrimaryGeneratedColumn()
  id!: number;

  @ManyToOne(() => Draft, { onDelete: 'CASCADE' })
  draft!: Draft | null;
}

@Entity()
class Fts {
  @PrimaryColumn({ type: 'varchar' })
  text!: string;
}

const everything = { requireContext: ['*'], requireReason: ['*'] };
const known = { actor: 'ann', reason: 'asked for' };

async function prepared(options: AuditTrailOptions): Promise<Audited & { warnings: string[] }> {
  const warnings: string[] = [];
  const audit = await audited([Draft, Invoice], {
    onWarning: (text) => warnings.push(text),
    ...options,
  });
  return { ...audit, warnings };
}

const policyWarnings = async ({ trail }: Audited) => (await trail.stats()).capture.policyWarnings;
const handle = ({ dataSource }: Audited) =>
  (dataSource.driver as unknown as { databaseConnection: Database.Database }).databaseConnection;
const insert = `INSERT INTO draft (text) VALUES ('a'), ('b'), ('c')`;

describe('requireContext', () => {
  it.each([
    ['outside a context', undefined],
    ['in a context without an actor', { reason: 'asked for', source: 'job' }],
    ['in a context with an empty one', { actor: '' }],
  ])('refuses a change %s, however it is made', async (_, context) => {
    const { dataSource, trail } = await prepared({ requireContext: ['Dr*'] });
    const { manager } = dataSource;
    const refused = async (work: () => Promise<unknown>) =>
      expect(context ? auditContext.run(context, work) : work()).rejects.toThrow(ContextRequiredError);
    await refused(() => manager.save(Draft, { text: 'a' }));
    await refused(() => manager.insert(Draft, { text: 'a' }));
    await refused(() => manager.query(insert));
    await refused(() => manager.query(insert.replace('INSERT', 'INSERT OR IGNORE')));
    await refused(() => manager.clear(Draft));
    await manager.insert(Invoice, {});
    await auditContext.run({ actor: 'ann' }, () => manager.query(insert));
    await refused(() => manager.update(Draft, 1, { text: 'z' }));
    const { entries } = await trail.recent({ fresh: true });
    expect(entries.map(({ entity, actor }) => `${entity} ${actor}`)).toEqual([
      ...['Draft ann', 'Draft ann', 'Draft ann'],
      'Invoice null',
    ]);
  });

  it('refuses what a cascade would do to such a table', async () => {
    const { dataSource } = await prepared({ requireContext: ['Invoice'] });
    const { manager } = dataSource;
    const draft = await manager.save(Draft, { text: 'a' });
    await auditContext.run(known, () => manager.insert(Invoice, { draft }));
    await expect(manager.delete(Draft, draft.id)).rejects.toThrow('A change of Invoice needs an actor.');
    expect(await manager.count(Invoice)).toBe(1);
  });

  it('takes the context in which a transaction was started', async () => {
    const { dataSource, trail } = await prepared(everything);
    const runner = dataSource.createQueryRunner();
    await auditContext.run(known, () => runner.startTransaction());
    await runner.manager.save(Draft, { text: 'a' });
    await runner.query(insert);
    await runner.commitTransaction();
    await runner.release();
    expect((await trail.recent({ fresh: true })).entries).toHaveLength(4);
  });
});

describe('warnOnly', () => {
  it('lets through, records and counts what is not known, by entity and by what is missing', async () => {
    const audit = await prepared({ ...everything, warnOnly: ['Draft'] });
    const { dataSource, trail } = audit;
    await dataSource.manager.save(Draft, { text: 'a' });
    await dataSource.query(insert);
    await auditContext.run({ actor: 'ann' }, () => dataSource.query(`UPDATE draft SET text = 'z'`));
    await auditContext.run(known, () => dataSource.query('DELETE FROM draft WHERE id = 1'));
    expect(await policyWarnings(audit)).toEqual([
      { entity: 'Draft', missing: 'context', count: 4 },
      { entity: 'Draft', missing: 'reason', count: 8 },
    ]);
    expect((await trail.stats({ fresh: true })).entriesByOperation).toEqual({
      insert: 4,
      update: 4,
      delete: 1,
    });
  });

  it('is told once for each entity and each thing that is missing', async () => {
    const audit = await prepared({ ...everything, warnOnly: ['*'] });
    for (let round = 0; round < 3; round += 1) await audit.dataSource.query(insert);
    expect(audit.warnings).toEqual([
      expect.stringMatching(/without an actor went through, because warnOnly names Draft/),
      expect.stringMatching(/without a reason went through, because warnOnly names Draft/),
    ]);
    await audit.dataSource.manager.insert(Invoice, {});
    expect(audit.warnings).toHaveLength(4);
  });

  it('leaves the others as they are', async () => {
    const audit = await prepared({ ...everything, warnOnly: ['Draft'] });
    await expect(audit.dataSource.manager.insert(Invoice, {})).rejects.toThrow(ContextRequiredError);
    await expect(
      auditContext.run({ actor: 'ann' }, () => audit.dataSource.query('INSERT INTO invoice (id) VALUES (1)')),
    ).rejects.toThrow(ReasonRequiredError);
    expect(await policyWarnings(audit)).toEqual([]);
  });

  it('counts what a cascade does', async () => {
    const audit = await prepared({
      requireReason: ['Invoice'],
      warnOnly: ['Invoice'],
    });
    const { manager } = audit.dataSource;
    const draft = await manager.save(Draft, { text: 'a' });
    await auditContext.run(known, () => manager.insert(Invoice, [{ draft }, { draft }]));
    await manager.delete(Draft, draft.id);
    expect(await policyWarnings(audit)).toEqual([{ entity: 'Invoice', missing: 'reason', count: 2 }]);
  });

  it('counts and tells nothing of what was rolled back', async () => {
    const audit = await prepared({ requireReason: ['*'], warnOnly: ['*'] });
    const { dataSource, warnings } = audit;
    const undone = dataSource.transaction(async (manager) => {
      await manager.query(insert);
      throw new Error('undone');
    });
    await expect(undone).rejects.toThrow('undone');
    await expect(dataSource.query('INSERT INTO draft (id, text) VALUES (1, 1), (1, 1)')).rejects.toThrow('UNIQUE');
    expect([await policyWarnings(audit), warnings]).toEqual([[], []]);
    await dataSource.transaction(async (manager) => {
      await manager.query(`INSERT INTO draft (text) VALUES ('kept')`);
      const inner = manager.transaction(async (nested) => {
        await nested.query(insert);
        throw new Error('undone');
      });
      await expect(inner).rejects.toThrow('undone');
    });
    expect(await policyWarnings(audit)).toEqual([{ entity: 'Draft', missing: 'reason', count: 1 }]);
  });

  it('counts what OR FAIL keeps, and what OR IGNORE and OR REPLACE let pass', async () => {
    const audit = await prepared({ requireReason: ['*'], warnOnly: ['*'] });
    const { dataSource } = audit;
    await expect(dataSource.query('INSERT OR FAIL INTO draft (id) VALUES (1), (1)')).rejects.toThrow('UNIQUE');
    await dataSource.query('INSERT OR IGNORE INTO draft (id) VALUES (1), (2)');
    await dataSource.query('INSERT OR REPLACE INTO draft (id) VALUES (3), (4)');
    expect(await policyWarnings(audit)).toEqual([{ entity: 'Draft', missing: 'reason', count: 4 }]);
  });

  it('goes on counting after a change of the schema and a rollback of it', async () => {
    const audit = await prepared({ requireReason: ['*'], warnOnly: ['*'] });
    const { dataSource } = audit;
    await dataSource.query(insert);
    await dataSource.query('ALTER TABLE draft ADD COLUMN more TEXT');
    await dataSource.query(insert);
    const undone = dataSource.transaction(async (manager) => {
      await manager.query('ALTER TABLE draft ADD COLUMN another TEXT');
      await manager.query(insert);
      throw new Error('undone');
    });
    await expect(undone).rejects.toThrow('undone');
    await dataSource.query(insert);
    expect(await policyWarnings(audit)).toEqual([{ entity: 'Draft', missing: 'reason', count: 9 }]);
  });

  it('does not let through what can’t be recorded', async () => {
    const audit = await prepared({ ...everything, warnOnly: ['*'] });
    handle(audit).exec(
      `CREATE TEMP TRIGGER refused BEFORE INSERT ON main.audit_outbox BEGIN SELECT RAISE(ABORT, 'no room in audit_outbox'); END`,
    );
    await expect(audit.dataSource.query(insert)).rejects.toThrow(ChangeNotRecordedError);
    await expect(audit.dataSource.manager.save(Draft, { text: 'a' })).rejects.toThrow(ChangeNotRecordedError);
    expect(await audit.dataSource.manager.count(Draft)).toBe(0);
    expect(await policyWarnings(audit)).toEqual([]);
  });

  it('survives a listener that throws', async () => {
    const told: string[] = [];
    const listener = (warning: Error) => told.push(warning.message);
    process.on('warning', listener);
    afterTest(() => void process.off('warning', listener));
    const onWarning = () => {
      throw new Error('broken listener');
    };
    const audit = await prepared({
      requireReason: ['*'],
      warnOnly: ['*'],
      onWarning,
    });
    await audit.dataSource.manager.save(Draft, { text: 'a' });
    await audit.dataSource.manager.save(Draft, { text: 'b' });
    expect(await audit.dataSource.manager.count(Draft)).toBe(2);
    await new Promise((resolve) => setImmediate(resolve));
    expect(told).toEqual([expect.stringMatching(/broken listener.*without a reason/)]);
  });

  it('makes no counter where it is not used', async () => {
    for (const [options, tables] of [
      [{}, 0],
      [everything, 0],
      [{ warnOnly: ['*'] }, 0],
      [{ ...everything, warnOnly: ['*'] }, 1],
    ] as const) {
      const audit = await prepared(options);
      const count = `SELECT count(*) FROM sqlite_temp_master WHERE name = 'audit_trail_warned'`;
      expect(handle(audit).prepare(count).pluck().get()).toBe(tables);
    }
  });
});

describe('triggers that do not stand at the commit', () => {
  const breakCapture = (audit: Audited) =>
    audit.dataSource.transaction(async (manager) => {
      await manager.save(Draft, { text: 'a' });
      const name = handle(audit)
        .prepare(`SELECT name FROM sqlite_temp_master WHERE type = 'trigger' AND tbl_name = 'draft'`)
        .pluck()
        .get() as string;
      handle(audit).exec(`DROP TRIGGER temp."${name}"`);
    });

  it('fail it', async () => {
    const audit = await prepared({ warnOnly: ['Invoice'] });
    await expect(breakCapture(audit)).rejects.toThrow(CaptureBrokenError);
    expect(await audit.dataSource.manager.count(Draft)).toBe(0);
    expect(await policyWarnings(audit)).toEqual([]);
  });

  it('are warned of and counted where warnOnly says so, and mended before the next change', async () => {
    const audit = await prepared({ warnOnly: ['Draft'] });
    await breakCapture(audit);
    await breakCapture(audit);
    expect(await audit.dataSource.manager.count(Draft)).toBe(2);
    expect(await policyWarnings(audit)).toEqual([{ entity: 'Draft', missing: 'triggers', count: 2 }]);
    expect(audit.warnings).toEqual([expect.stringMatching(/triggers were missing or out of date.*Draft/)]);
    expect((await audit.trail.recent({ fresh: true })).entries).toHaveLength(2);
  });

  it('are not counted where the commit fails', async () => {
    const audit = await prepared({ warnOnly: ['Draft'] });
    const failed = audit.dataSource.transaction(async (manager) => {
      await manager.query('PRAGMA defer_foreign_keys = ON');
      await manager.save(Draft, { text: 'a' });
      await manager.query('INSERT INTO invoice (draftId) VALUES (99)');
      const names = handle(audit).prepare(`SELECT name FROM sqlite_temp_master WHERE type = 'trigger'`).pluck().all();
      for (const name of names) handle(audit).exec(`DROP TRIGGER temp."${String(name)}"`);
    });
    await expect(failed).rejects.toThrow('FOREIGN KEY');
    await audit.dataSource.manager.insert(Invoice, {});
    expect([await policyWarnings(audit), audit.warnings]).toEqual([[], []]);
  });

  it('fail a transaction that also changed an entity for which that is not allowed', async () => {
    const audit = await prepared({ warnOnly: ['Draft'] });
    const both = audit.dataSource.transaction(async (manager) => {
      await manager.save(Invoice, {});
      await manager.save(Draft, { text: 'a' });
      const names = handle(audit).prepare(`SELECT name FROM sqlite_temp_master WHERE type = 'trigger'`).pluck().all();
      for (const name of names) handle(audit).exec(`DROP TRIGGER temp."${String(name)}"`);
    });
    await expect(both).rejects.toThrow(CaptureBrokenError);
    expect(await policyWarnings(audit)).toEqual([]);
  });

  it('of a virtual table are none, which warnOnly allows', async () => {
    for (const [warnOnly, outcome] of [
      [[], 'AUDIT_CAPTURE_BROKEN'],
      [['Fts'], undefined],
    ] as const) {
      const dataSource = createDataSource('sqlite::memory:', {
        entities: [Fts],
        audit: { warnOnly, drain: false, onWarning: () => undefined },
      });
      const trail = await AuditTrail.attach(dataSource);
      afterTest(() => dataSource.destroy());
      await dataSource.query('CREATE VIRTUAL TABLE fts USING fts5(text)');
      const error = await dataSource.manager.save(Fts, { text: 'a' }).then(
        () => undefined,
        (failure: { code: string }) => failure.code,
      );
      expect(error).toBe(outcome);
      expect((await trail.stats()).capture.policyWarnings).toHaveLength(warnOnly.length);
    }
  });
});
