import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { checkDatabase, type DatabaseCheck } from '../../src/index';
import { dropAfterTest, freshDatabase, needsSqlServer, onServer, stockOnServer } from '../support/mssql';
import { Note } from '../support/note';
import { run } from './command';

const statusOf = ({ steps }: DatabaseCheck, name: string) => steps.find((step) => step.name === name)?.status;

function changed(url: string, change: (url: URL) => void): string {
  const copy = new URL(url);
  change(copy);
  return copy.href;
}

/** The URL for a login of its own, which may enter the database and do nothing there. */
async function stranger(url: string): Promise<{ url: string; name: string }> {
  const name = `audit_test_${randomBytes(6).toString('hex')}`;
  const password = `Aa1-${randomBytes(12).toString('hex')}`;
  await onServer(`CREATE LOGIN [${name}] WITH PASSWORD = '${password}'`);
  dropAfterTest('LOGIN', name);
  const owner = await stockOnServer([Note], url);
  await owner.query(`CREATE USER [${name}] FOR LOGIN [${name}]`);
  return { name, url: changed(url, (copy) => ([copy.username, copy.password] = [name, password])) };
}

it('finds nothing wrong, and leaves nothing behind', async () => {
  const url = await freshDatabase();
  const dataSource = await stockOnServer([Note], url);
  const objects = () => dataSource.query<{ name: string }[]>('SELECT name FROM sys.objects ORDER BY name');
  const before = await objects();
  const { code, stdout } = await run(['check', '--json'], { env: { DATABASE_URL: url } });
  const { data } = JSON.parse(stdout) as { data: { ok: boolean; checks: { name: string; status: string }[] } };
  expect({ code, ok: data.ok }).toEqual({ code: 0, ok: true });
  expect(data.checks.map(({ name }) => name)).toEqual([
    'reach',
    'tls',
    'login',
    'database',
    'version',
    'tables',
    'triggers',
  ]);
  expect(stdout).not.toContain(new URL(url).password);
  expect(await objects()).toEqual(before);
});

it('tells a refused login from a database that is not there', async () => {
  const url = await freshDatabase();
  const login = await checkDatabase(changed(url, (copy) => (copy.password = 'not-the-password')));
  expect([statusOf(login, 'login'), statusOf(login, 'database')]).toEqual(['failed', 'skipped']);
  const missing = await checkDatabase(changed(url, (copy) => (copy.pathname = '/audit_test_no_such_database')));
  expect([statusOf(missing, 'login'), statusOf(missing, 'database')]).toEqual(['ok', 'failed']);
});

it('says what becomes of TLS', async () => {
  const url = await freshDatabase();
  const tls = async (parameters: string) => statusOf(await checkDatabase(changed(url, set(parameters))), 'tls');
  const set = (parameters: string) => (copy: URL) => (copy.search = parameters);
  expect(await tls('encrypt=false')).not.toBe('ok');
  expect(await tls('trustServerCertificate=true')).toBe('warning');
  // A server for tests signs its own certificate.
  expect(await tls('')).toBe('failed');
});

it('finds that the user may not create tables', async () => {
  const { url } = await stranger(await freshDatabase());
  const report = await checkDatabase(url);
  expect([statusOf(report, 'tables'), statusOf(report, 'triggers')]).toEqual(['failed', 'skipped']);
});

it('finds the tables on which the user may not create triggers', async () => {
  const owned = await freshDatabase();
  const { name, url } = await stranger(owned);
  const owner = await stockOnServer([Note], owned);
  await owner.query(`CREATE SCHEMA [own] AUTHORIZATION [${name}]`);
  await owner.query(`ALTER USER [${name}] WITH DEFAULT_SCHEMA = [own]`);
  // A server that knows no such right lets the owner of a schema create tables; on SQL Server `tables` fails without it.
  await owner.query(`GRANT CREATE TABLE TO [${name}]`).catch(() => undefined);
  await owner.query(`GRANT SELECT ON dbo.note TO [${name}]`);
  const { steps } = await checkDatabase(url);
  expect(steps.slice(-2)).toMatchObject([
    { name: 'tables', status: 'ok' },
    { name: 'triggers', status: 'failed', detail: 'May not be created on [dbo].[note].' },
  ]);
});

it('says that the database keeps to an older version', async (context) => {
  await needsSqlServer(context, 'a database there has one level of compatibility');
  const url = await freshDatabase();
  await onServer(`ALTER DATABASE [${new URL(url).pathname.slice(1)}] SET COMPATIBILITY_LEVEL = 120`);
  const { steps } = await checkDatabase(url);
  expect(steps.find(({ name }) => name === 'version')).toMatchObject({
    status: 'failed',
    detail: expect.stringContaining('Compatibility level 120') as string,
  });
});
