import type { DataSource } from 'typeorm';
import { expect, it } from 'vitest';
import { toTypedError, transientKindOf } from '../../src/dialect/mssql/failures';
import { guardHandshake } from '../../src/dialect/mssql/handshake';
import { ConnectionLostError, OutcomeUnknownError } from '../../src/index';
import { freshDatabase, needsSqlServer, stockOnServer } from '../support/mssql';
import { Note } from '../support/note';
import { severableProxy } from '../support/severable-proxy';

/** What the driver throws, as the server at hand has it. */
const thrownBy = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );

async function twoNotes(): Promise<DataSource> {
  const dataSource = await stockOnServer([Note], await freshDatabase());
  await dataSource.getRepository(Note).insert([{ text: 'one' }, { text: 'two' }]);
  return dataSource;
}

it('recognises the victim of a deadlock, 1205', async () => {
  const dataSource = await twoNotes();
  const [a, b] = [dataSource.createQueryRunner(), dataSource.createQueryRunner()];
  await a.startTransaction();
  await b.startTransaction();
  await a.manager.update(Note, 1, { text: 'a' });
  await b.manager.update(Note, 2, { text: 'b' });
  const errors = await Promise.all([
    thrownBy(a.manager.update(Note, 2, { text: 'a' }).finally(() => a.commitTransaction().catch(() => undefined))),
    thrownBy(b.manager.update(Note, 1, { text: 'b' }).finally(() => b.commitTransaction().catch(() => undefined))),
  ]);
  expect(errors.filter((error) => error !== undefined).map(transientKindOf)).toEqual(['rolled_back']);
  for (const runner of [a, b]) {
    if (runner.isTransactionActive) await runner.rollbackTransaction().catch(() => undefined);
    await runner.release();
  }
});

it('recognises a lock that is not free in time, 1222', async (context) => {
  await needsSqlServer(context, 'this one gives a lock that is not free in time another number than 1222');
  const dataSource = await twoNotes();
  const holder = dataSource.createQueryRunner();
  await holder.startTransaction();
  await holder.manager.update(Note, 1, { text: 'held' });
  const error = await thrownBy(dataSource.query(`SET LOCK_TIMEOUT 50; UPDATE note SET text = 'mine' WHERE id = 1`));
  expect(transientKindOf(error)).toBe('lock_timeout');
  await holder.rollbackTransaction();
  await holder.release();
});

it('tells what a cut connection left open: nothing in a transaction, perhaps something beside one', async () => {
  const proxy = await severableProxy(await freshDatabase());
  const dataSource = await stockOnServer([Note], proxy.url);

  const runner = dataSource.createQueryRunner();
  await runner.startTransaction();
  await runner.manager.insert(Note, { text: 'lost' });
  const slow = thrownBy(runner.query(`WAITFOR DELAY '00:00:10'`));
  await proxy.sent();
  proxy.sever();
  expect(toTypedError(await slow, 'transaction')).toBeInstanceOf(ConnectionLostError);
  // The connection was gone before COMMIT was sent.
  const commit = await thrownBy(runner.commitTransaction());
  expect(transientKindOf(commit)).toBeDefined();
  expect(toTypedError(commit, 'commit')?.retryable).toBe(true);

  const alone = thrownBy(dataSource.query(`WAITFOR DELAY '00:00:10'`));
  await proxy.sent();
  proxy.sever();
  expect(toTypedError(await alone, 'statement')).toBeInstanceOf(OutcomeUnknownError);

  // The pool makes new connections by itself, and nothing of the transaction is there.
  expect(await dataSource.getRepository(Note).count()).toBe(0);
});

it('tells a server that is not there', async () => {
  const proxy = await severableProxy(await freshDatabase());
  await proxy.stop();
  expect(toTypedError(await thrownBy(stockOnServer([Note], proxy.url)), 'begin')).toBeInstanceOf(ConnectionLostError);
});

it('gives a refused login its number', async () => {
  const url = new URL(await freshDatabase());
  url.password = 'not-the-password';
  const error = await thrownBy(stockOnServer([Note], url.href, { beforeConnect: guardHandshake }));
  expect((error as { originalError?: unknown }).originalError).toMatchObject({ code: 'ELOGIN', number: 18456 });
  expect(transientKindOf(error)).toBeUndefined();
});
