import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { AuditDatabaseUnavailableError } from '../../src/index';
import { switchDatabase } from '../../src/switch/switch-database';
import { behindTheBack } from '../baseline/fill';
import { audited, stock, temporaryFile } from '../support/databases';
import { Note } from '../support/note';
import { checksSuite, found, inFile } from './checks-suite';

describe('checks with a separate audit database', () => {
  checksSuite({
    application: inFile,
    audit: () => Promise.resolve(`sqlite:${temporaryFile('audit.sqlite')}`),
  });

  it('fail with what is wrong, and write nothing, while that is away', async () => {
    const audit = join(dirname(temporaryFile()), 'mounted', 'audit.sqlite');
    // Where the folder should be.
    writeFileSync(dirname(audit), '');
    const [url, auditDatabase] = [`sqlite:${temporaryFile()}`, `sqlite:${audit}`];
    const { dataSource, trail } = await audited([Note], { url, auditDatabase, onWarning: () => undefined });
    await dataSource.getRepository(Note).insert({ text: 'one' });
    await expect(trail.baseline()).rejects.toThrow(AuditDatabaseUnavailableError);
    await expect(trail.doctor({ accept: true })).rejects.toThrow(AuditDatabaseUnavailableError);
    expect(await trail.stats()).toMatchObject({ pendingCount: 1 });
    rmSync(dirname(audit));
    mkdirSync(dirname(audit));
    expect(await trail.doctor()).toMatchObject({ rows: 1, differences: [] });
  });

  it('know a log that was moved before it was delivered', async () => {
    const [source, target] = [temporaryFile(), temporaryFile('target.sqlite')];
    const first = await audited([Note], { url: `sqlite:${source}` });
    await first.dataSource.getRepository(Note).insert([{ text: 'one' }, { text: 'two' }, { text: 'three' }]);
    await first.dataSource.getRepository(Note).delete(2);
    await first.dataSource.destroy();
    await (await stock([Note], target)).destroy();
    const application = { entities: [Note] };
    await switchDatabase(`sqlite:${source}`, `sqlite:${target}`, { tables: 'all', application });
    behindTheBack(target, (database) => database.exec(`UPDATE note SET text = 'other' WHERE id = 3`));
    const auditDatabase = `sqlite:${temporaryFile('audit.sqlite')}`;
    const { dataSource, trail } = await audited([Note], { url: `sqlite:${target}`, auditDatabase });
    await dataSource.getRepository(Note).update(1, { text: 'one again' });
    expect(await found(trail)).toEqual(['changed Note 3 text']);
    expect(await trail.doctor({ accept: true })).toMatchObject({ accepted: 1 });
    expect(await found(trail)).toEqual([]);
  });
});
