import { describe, expect, it } from 'vitest';
import { AuditSubscriber } from '../../src/capture/audit-subscriber';
import { auditContext, ReasonRequiredError } from '../../src/index';
import { audited, type Audited } from '../support/databases';
import { Note } from '../support/note';

/** What the subscriber does beyond the triggers; each test fails when that duty is taken away. */
describe('AuditSubscriber', () => {
  const takeAway = ({ dataSource }: Audited) => {
    const index = dataSource.subscribers.findIndex((subscriber) => subscriber instanceof AuditSubscriber);
    dataSource.subscribers.splice(index, 1);
  };

  async function changeOutsideItsContext({ dataSource, trail }: Audited) {
    const runner = dataSource.createQueryRunner();
    await auditContext.run({ actor: 'ann', reason: 'began it' }, () => runner.startTransaction());
    await runner.manager.insert(Note, { text: 'a' });
    await runner.commitTransaction();
    await runner.release();
    return (await trail.recent({ fresh: true })).entries[0];
  }

  it('binds the context in which a transaction was started', async () => {
    expect(await changeOutsideItsContext(await audited([Note]))).toMatchObject({ actor: 'ann', reason: 'began it' });
  });

  it('… and nobody else does', async () => {
    const audit = await audited([Note]);
    takeAway(audit);
    expect(await changeOutsideItsContext(audit)).toMatchObject({ actor: null });
  });

  it('refuses a change without a reason where one is due, before the statement', async () => {
    const { dataSource, trail } = await audited([Note], { requireReason: ['No*'] });
    const notes = dataSource.getRepository(Note);
    await expect(notes.save({ text: 'a' })).rejects.toThrow(ReasonRequiredError);
    await expect(notes.insert({ text: 'a' })).rejects.toThrow(ReasonRequiredError);
    await auditContext.run({ reason: 'asked for' }, () => notes.save({ text: 'b' }));
    await expect(notes.update({ text: 'b' }, { text: 'c' })).rejects.toThrow(ReasonRequiredError);
    await expect(notes.softDelete({ text: 'b' })).rejects.toThrow(ReasonRequiredError);
    const { entries } = await trail.recent({ fresh: true });
    expect(entries).toMatchObject([{ operation: 'insert', reason: 'asked for', after: { text: 'b' } }]);
  });

  it('looks at what stands at the commit, after a savepoint took back what capture had set up', async () => {
    const { dataSource, trail } = await audited([Note]);
    await dataSource.transaction(async (manager) => {
      await manager.query(`INSERT OR REPLACE INTO note (id, text) VALUES (1, 'b')`);
      const inner = manager.transaction(async (nested) => {
        await nested.save(Note, { text: 'c' });
        throw new Error('undone');
      });
      await expect(inner).rejects.toThrow('undone');
    });
    expect((await trail.recent({ fresh: true })).entries).toMatchObject([{ after: { text: 'b' } }]);
  });

  it('lets a transaction end in a change of the schema', async () => {
    const { dataSource, trail } = await audited([Note]);
    await dataSource.transaction(async (manager) => {
      await manager.insert(Note, { text: 'a' });
      await manager.query('CREATE INDEX note_text ON note (text)');
    });
    expect((await trail.recent({ fresh: true })).entries).toHaveLength(1);
  });

  it('is there although the application names its own subscribers, and after a second initialize()', async () => {
    const { dataSource } = await audited([Note]);
    expect(dataSource.subscribers.filter((subscriber) => subscriber instanceof AuditSubscriber)).toHaveLength(1);
    await dataSource.destroy();
    await dataSource.initialize();
    expect(dataSource.subscribers.filter((subscriber) => subscriber instanceof AuditSubscriber)).toHaveLength(1);
  });
});

describe('the context of a change', () => {
  it('is that of its own flow, however flows interleave on the connection', async () => {
    const { dataSource, trail } = await audited([Note]);
    const flow = (actor: string) =>
      auditContext.run({ actor, correlationId: `request of ${actor}` }, async () => {
        for (let round = 0; round < 5; round += 1) {
          await dataSource.transaction(async (manager) => {
            const { id } = await manager.save(Note, { text: actor });
            await new Promise((resolve) => setImmediate(resolve));
            await dataSource.query('UPDATE note SET text = text || ? WHERE id = ?', [`+${actor}`, id]);
          });
          await dataSource.getRepository(Note).insert({ text: actor });
        }
      });
    await Promise.all(['ann', 'bob', 'cid', 'dee', 'eve', 'fay', 'gus', 'hal'].map(flow));
    await dataSource.getRepository(Note).insert({ text: 'nobody' });
    const { entries } = await trail.recent({ fresh: true, limit: 500 });
    expect(entries).toHaveLength(8 * 5 * 3 + 1);
    for (const { actor, correlationId, after } of entries) {
      const [text] = String(after!['text']).split('+');
      expect([actor, correlationId]).toEqual(text === 'nobody' ? [null, null] : [text, `request of ${text}`]);
    }
  });

  it('is nobody’s for what goes around the DataSource', async () => {
    const { dataSource, trail } = await audited([Note]);
    await auditContext.run({ actor: 'ann' }, () => dataSource.getRepository(Note).insert({ text: 'a' }));
    const { databaseConnection } = dataSource.driver as unknown as { databaseConnection: { exec(sql: string): void } };
    databaseConnection.exec(`INSERT INTO note (text) VALUES ('b')`);
    const [around, through] = (await trail.recent({ fresh: true })).entries;
    expect(around).toMatchObject({ actor: null, after: { text: 'b' } });
    expect(through).toMatchObject({ actor: 'ann', after: { text: 'a' } });
    expect(around!.transactionId).not.toBe(through!.transactionId);
    expect(Date.parse(around!.recordedAt)).toBeGreaterThanOrEqual(Date.parse(through!.recordedAt));
  });

  it('is added to by an inner run, field by field', async () => {
    const { dataSource, trail } = await audited([Note]);
    await auditContext.run({ actor: 'ann', reason: 'outer' }, () =>
      auditContext.run({ reason: 'inner', metadata: { ticket: 7 } }, () =>
        dataSource.getRepository(Note).insert({ text: 'a' }),
      ),
    );
    expect((await trail.recent({ fresh: true })).entries[0]).toMatchObject({
      actor: 'ann',
      reason: 'inner',
      metadata: { ticket: 7 },
    });
  });

  it.each([
    [{ actor: 7 }, /actor must be a string/],
    [{ actor: 'x'.repeat(256) }, /256 characters; 255/],
    [{ metadata: [] }, /metadata must be an object/],
    [{ metadata: { big: 1n } }, /must be JSON/],
    [{ metadata: { long: 'x'.repeat(9000) } }, /8000 is the most/],
  ])('is refused when it is %o', (context, message) => {
    expect(() => auditContext.run(context as never, () => expect.unreachable())).toThrow(message);
  });
});
