import { expect, test } from 'vitest';
import { audited } from '../support/databases';
import { freshDatabase, stockOnServer } from '../support/mssql';
import { Note } from '../support/note';
import { dataOf, run, textOf } from './command';

test('baseline and doctor work on a database of which nothing but the URL is known', { timeout: 120_000 }, async () => {
  const url = await freshDatabase();
  const { dataSource } = await audited([Note], { url });
  await dataSource.getRepository(Note).insert([{ text: 'one' }, { text: 'two' }]);
  expect(await textOf(['doctor', '--url', url])).toMatch(/^different +none$/m);
  const behind = await stockOnServer([], url);
  await behind.query('DISABLE TRIGGER audit_trail_note ON note');
  await behind.query(`UPDATE note SET text = 'x' WHERE id = 1; INSERT INTO note (text) VALUES ('three')`);
  await behind.query('ENABLE TRIGGER audit_trail_note ON note');
  const { code, stdout } = await run(['doctor', '--url', url]);
  expect(code).toBe(1);
  expect(stdout).toMatch(/^different +1 changed, 1 unknown to the trail$/m);
  expect(await dataOf(['baseline', '--url', url, '--actor', 'anna'])).toMatchObject({ rows: 3, recorded: 1 });
  expect(await dataOf(['baseline', '--url', url])).toMatchObject({ rows: 3, recorded: 0 });
  await run(['doctor', '--url', url, '--accept', '--reason', 'import']);
  expect(await textOf(['doctor', '--url', url])).toMatch(/^different +none$/m);
});
