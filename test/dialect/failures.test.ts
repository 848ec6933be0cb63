import { createRequire } from 'node:module';
import { QueryFailedError } from 'typeorm';
import { describe, expect, it } from 'vitest';
import { isRefusal, type Moment, saidOf, toTypedError, transientKindOf } from '../../src/dialect/mssql/failures';
import {
  type AuditError,
  ConnectionLostError,
  LockTimeoutError,
  OutcomeUnknownError,
  TransactionLostError,
  UnavailableError,
} from '../../src/index';

type ErrorClass = new (cause: Error, code?: string) => Error;
const { RequestError, ConnectionError, TransactionError } = createRequire(__filename)('mssql') as Record<
  'RequestError' | 'ConnectionError' | 'TransactionError',
  ErrorClass
>;

/** An error of the server as it comes out of TypeORM; its parts are of the very classes that the drivers use. */
function serverError(number: number, severity = 14): Error {
  const info = { number, class: severity, state: 1, message: `error ${number}` };
  const driverError = new RequestError(Object.assign(new Error(info.message), { info }), 'EREQUEST');
  return new QueryFailedError('UPDATE t SET a = 1', [], driverError);
}

function driverError(Kind: ErrorClass, code: string, message = code): Error {
  return new Kind(Object.assign(new Error(message), { code }));
}

const moments: readonly Moment[] = ['begin', 'statement', 'transaction', 'commit'];
const typesOf = (error: unknown) => moments.map((moment) => toTypedError(error, moment)?.constructor);
const each = <T>(type: T, atCommit: T = type) => [type, type, type, atCommit];

describe('an error of the server', () => {
  it('1205, the victim of a deadlock, and 3960, a conflict of versions, are transactions that were rolled back', () => {
    expect(typesOf(serverError(1205))).toEqual(each(TransactionLostError));
    expect(typesOf(serverError(3960, 16))).toEqual(each(TransactionLostError));
  });

  it('is found behind another one, which says that the transaction has ended in the trigger', () => {
    const last = new RequestError(Object.assign(new Error('ended'), { info: { number: 3609, class: 16 } }), 'EREQUEST');
    const first = (serverError(1205) as QueryFailedError).driverError;
    const error = new QueryFailedError('UPDATE t SET a = 1', [], Object.assign(last, { precedingErrors: [first] }));
    expect(transientKindOf(error)).toBe('rolled_back');
    expect(saidOf(error)).toEqual(expect.arrayContaining(['ended', 'error 1205']));
  });

  it('1222 is a lock that was not free in time', () => {
    expect(typesOf(serverError(1222))).toEqual(each(LockTimeoutError, OutcomeUnknownError));
  });

  it.each([4060, 10928, 10929, 40197, 40501, 40613, 49918, 49919, 49920])(
    '%i is a server that takes no work',
    (code) => {
      expect(typesOf(serverError(code))).toEqual(each<unknown>(UnavailableError, OutcomeUnknownError));
      expect(toTypedError(serverError(code), 'begin')?.message).toContain(`(${code})`);
    },
  );

  it('8169, text that is no uniqueidentifier, refuses what the statement says; a deadlock, a timeout and a lost connection do not', () => {
    expect(isRefusal(serverError(8169, 16))).toBe(true);
    expect(isRefusal(serverError(1205))).toBe(false);
    expect(isRefusal(driverError(RequestError, 'ETIMEOUT'))).toBe(false);
    expect(isRefusal(driverError(ConnectionError, 'ESOCKET'))).toBe(false);
  });

  it.each([596, 3624])('of severity 20 and above, such as %i, ends the connection', (code) => {
    expect(typesOf(serverError(code, 21))).toEqual([
      ConnectionLostError,
      OutcomeUnknownError,
      ConnectionLostError,
      OutcomeUnknownError,
    ]);
  });

  it.each([102, 208, 334, 515, 547, 2601, 2627, 8003, 18456, 50000])('%i is left as it is', (code) => {
    expect(transientKindOf(serverError(code))).toBeUndefined();
    expect(typesOf(serverError(code))).toEqual(each(undefined));
  });

  it('is recognised by its number, whatever the driver made of it', () => {
    const deadlock = Object.assign(new Error('deadlock'), { info: { number: 1205 } });
    expect(transientKindOf(deadlock)).toBe('rolled_back');
    expect(transientKindOf(new TransactionError(new RequestError(deadlock)))).toBe('rolled_back');
    expect(transientKindOf(new Error('outside', { cause: serverError(40613) }))).toBe('unavailable');
  });
});

describe('a lost connection', () => {
  const answerless = [ConnectionLostError, OutcomeUnknownError, ConnectionLostError, OutcomeUnknownError];

  it.each([
    ['ESOCKET', 'Connection lost - read ECONNRESET'],
    ['ECLOSE', 'Connection closed before request completed.'],
    ['ECONNRESET', 'read ECONNRESET'],
    ['EPIPE', 'write EPIPE'],
  ])('%s leaves open whether COMMIT, or a statement by itself, did its work', (code, message) => {
    expect(typesOf(driverError(RequestError, code, message))).toEqual(answerless);
  });

  it.each([
    ['ESOCKET', 'Failed to connect to host:1433 - connect ECONNREFUSED'],
    ['ETIMEOUT', 'Failed to connect to host:1433 in 10000ms'],
    ['EINSTLOOKUP', 'getaddrinfo ENOTFOUND host'],
    ['ECONNCLOSED', 'Connection is closed.'],
    ['ENOTOPEN', 'Connection not yet open.'],
    ['EINVALIDSTATE', 'Requests can only be made in the LoggedIn state, not the Final state'],
  ])('%s (%s) comes before anything was sent', (code, message) => {
    expect(typesOf(driverError(ConnectionError, code, message))).toEqual(each(ConnectionLostError));
  });

  it('is not what a statement meets that runs too long, but its COMMIT may have been done', () => {
    const timeout = driverError(RequestError, 'ETIMEOUT', 'Timeout: Request failed to complete in 30000ms');
    expect(typesOf(timeout)).toEqual(each<unknown>(undefined, OutcomeUnknownError));
  });

  it('is not what two requests at once on one connection meet', () => {
    const message = 'Requests can only be made in the LoggedIn state, not the SentClientRequest state';
    expect(typesOf(driverError(RequestError, 'EINVALIDSTATE', message))).toEqual(each(undefined));
  });
});

it.each(['EABORT', 'ENOTBEGUN'])('a transaction that the server aborted is lost: %s', (code) => {
  expect(typesOf(driverError(TransactionError, code))).toEqual(each(TransactionLostError));
});

it('what helps to do again says so, and what may have been done does not', () => {
  const error = driverError(RequestError, 'ECLOSE');
  const retryable = (typed: AuditError | undefined) => typed?.retryable;
  expect(moments.map((moment) => retryable(toTypedError(error, moment)))).toEqual([true, false, true, false]);
  expect(toTypedError(error, 'commit')?.cause).toBe(error);
});

it('anything else that is thrown is left as it is', () => {
  for (const value of [undefined, null, 'text', 1205, new Error('no'), { number: 1205 }]) {
    expect(typesOf(value)).toEqual(each(undefined));
  }
});
