import { expect, test } from 'vitest';
import { auditContext } from '../../src/index';
import { audited } from '../support/databases';
import { freshDatabase } from '../support/mssql';
import { Note } from '../support/note';

test(
  'what warnOnly lets through is counted at every instant, and told once; what is rolled back is neither',
  { timeout: 120_000 },
  async () => {
    const warnings: string[] = [];
    const { dataSource, trail } = await audited([Note], {
      url: await freshDatabase(),
      requireContext: ['*'],
      requireReason: ['*'],
      warnOnly: ['Note'],
      onWarning: (message) => warnings.push(message),
    });
    const counted = async () =>
      (await trail.stats()).capture.policyWarnings.map(({ entity, missing, count }) => `${entity} ${missing} ${count}`);
    const insert = () => dataSource.query(`INSERT INTO note (text) VALUES ('a'), ('b')`);
    expect(await counted()).toEqual([]);

    await auditContext.run({ actor: 'ann', reason: 'asked for' }, insert);
    await auditContext.run({ actor: 'ann' }, insert);
    const undone = dataSource.transaction(async (manager) => {
      await manager.insert(Note, { text: 'undone' });
      throw new Error('undone');
    });
    await expect(undone).rejects.toThrow('undone');
    expect(await counted()).toEqual(['Note reason 2']);
    await trail.flush();
    await dataSource.getRepository(Note).insert({ text: 'c' });
    expect(await counted()).toEqual(['Note context 1', 'Note reason 3']);
    await trail.flush();
    await insert();
    await trail.flush();
    expect(await counted()).toEqual(['Note context 3', 'Note reason 5']);
    expect(warnings.map((message) => /A change without (an actor|a reason)/.exec(message)?.[1])).toEqual([
      'a reason',
      'an actor',
    ]);
  },
);
