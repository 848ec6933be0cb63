import {
  type AuditError,
  ConnectionLostError,
  LockTimeoutError,
  OutcomeUnknownError,
  TransactionLostError,
  UnavailableError,
} from '../../errors';

/**
 * What went wrong for a reason that passes:
 * - `rolled_back`: the server undid the whole transaction, to end a deadlock, or because another wrote first what it saw an
 *   earlier version of (SNAPSHOT);
 * - `lock_timeout`: a lock was not free in time; the statement is undone, its transaction is not;
 * - `unavailable`: the server, or the pool, takes no more for the moment;
 * - `connection_lost`: nobody answers any more.
 */
export type TransientKind = 'rolled_back' | 'lock_timeout' | 'unavailable' | 'connection_lost';

/** When an error came, which decides whether the work may have been done in spite of it. */
export type Moment =
  /** While connecting, or at BEGIN: no work yet. */
  | 'begin'
  /** A statement outside a transaction, which commits as it ends. */
  | 'statement'
  /** A statement of an open transaction. */
  | 'transaction'
  | 'commit';

/**
 * Errors of the server that pass by themselves, by number. 1205, 1222 and 3960: "Transaction locking and row versioning guide";
 * the others: "Troubleshoot transient connection errors in SQL Database".
 */
const transientNumbers: ReadonlyMap<unknown, TransientKind> = new Map([
  [1205, 'rolled_back'],
  [1222, 'lock_timeout'],
  [3960, 'rolled_back'],
  [4060, 'unavailable'],
  [10928, 'unavailable'],
  [10929, 'unavailable'],
  [40197, 'unavailable'],
  [40501, 'unavailable'],
  [40613, 'unavailable'],
  [49918, 'unavailable'],
  [49919, 'unavailable'],
  [49920, 'unavailable'],
]);

/** From this severity on the server ends the connection ("Database engine error severities"). */
const fatalSeverity = 20;

/** Codes of mssql and tedious where there was no connection to send anything over. */
const notSent = new Set(['ECONNCLOSED', 'ENOTOPEN', 'EINSTLOOKUP']);
/** Their codes where the connection ended while an answer was awaited. */
const cutOff = new Set(['ESOCKET', 'ECLOSE', 'ECONNRESET', 'EPIPE']);

/** Of the pool, where all of its connections were in use for too long. */
const noneFree = 'pool';

interface Failure {
  kind: TransientKind;
  /** Number of the server's error, or code of the driver's. */
  code: string;
  /** The server cannot have got what failed. */
  unsent: boolean;
}

/** Why an error of the driver will pass by itself, undefined where nothing says that it will. */
export function transientKindOf(error: unknown): TransientKind | undefined {
  return failureOf(error)?.kind;
}

/**
 * The error that tells an application whether to try again; undefined for one that will not pass by itself.
 *
 * Where COMMIT, or a statement outside a transaction, gets no answer, the server may have done the work. To do it again
 * could do it twice, so that this error is not retryable.
 */
export function toTypedError(error: unknown, moment: Moment): AuditError | undefined {
  const text = error instanceof Error ? error.message : String(error);
  const failure = failureOf(error);
  // A COMMIT that took too long, or met the end of the server, is not known to have failed.
  if (moment === 'commit' && failure?.kind !== 'rolled_back' && (failure ? !failure.unsent : isTimeout(error))) {
    return outcomeUnknown(text, error);
  }
  if (!failure) return undefined;
  const message = `${text} (${failure.code})`;
  switch (failure.kind) {
    case 'rolled_back':
      return new TransactionLostError(`The database rolled the transaction back: ${message}`, { cause: error });
    case 'lock_timeout':
      return new LockTimeoutError(`A lock in the database was not free in time: ${message}`, { cause: error });
    case 'unavailable':
      return new UnavailableError(`The database takes no work for the moment: ${message}`, { cause: error });
    case 'connection_lost':
      return moment === 'statement' && !failure.unsent
        ? outcomeUnknown(text, error)
        : new ConnectionLostError(`There is no connection to the database: ${message}`, { cause: error });
  }
}

/**
 * True for an error after which the same is worth trying at once, and is known not to have been done. Who has waited in
 * vain for a connection has waited enough.
 */
export function passesSoon(error: unknown, moment: Moment): boolean {
  const failure = failureOf(error);
  return (
    failure !== undefined &&
    failure.code !== noneFree &&
    failure.code !== 'ETIMEOUT' &&
    toTypedError(error, moment)?.retryable === true
  );
}

/** True where the server answered and refused what the statement says; false for what came between, or took too long. */
export function isRefusal(error: unknown): boolean {
  return failureOf(error) === undefined && linksOf(error).some(({ code }) => code === 'EREQUEST');
}

/**
 * What the server said, each message once. Of several errors the driver throws the last, and a trigger's may be followed by
 * one that says no more than that the transaction has ended in it (3609).
 */
export function saidOf(error: unknown): string[] {
  return [...new Set(linksOf(error).flatMap(({ message }) => message || []))];
}

function outcomeUnknown(text: string, cause: unknown): OutcomeUnknownError {
  return new OutcomeUnknownError(`The database did not answer whether it did the work: ${text}`, { cause });
}

function isTimeout(error: unknown): boolean {
  return linksOf(error).some(({ code }) => code === 'ETIMEOUT');
}

/** What the server said goes before what the driver made of it. */
function failureOf(error: unknown): Failure | undefined {
  const links = linksOf(error);
  for (const { number } of links) {
    const kind = transientNumbers.get(number);
    if (kind) return { kind, code: String(number), unsent: false };
  }
  for (const link of links) {
    const failure = driverFailure(link);
    if (failure) return failure;
  }
  return undefined;
}

function driverFailure({ name, code = '', message, class: severity = 0 }: Link): Failure | undefined {
  if (severity >= fatalSeverity) return { kind: 'connection_lost', code: `severity ${severity}`, unsent: false };
  // mssql was told of a rollback that it had not asked for: its COMMIT says so, and any statement that there is none begun.
  if (code === 'EABORT' || code === 'ENOTBEGUN') return { kind: 'rolled_back', code, unsent: false };
  // The timeout of a statement is a RequestError: the connection stands.
  const isUnsent =
    notSent.has(code) ||
    (code === 'ETIMEOUT' && name === 'ConnectionError') ||
    (code === 'ESOCKET' && message.startsWith('Failed to connect')) ||
    // "Requests can only be made in the LoggedIn state, not the Final state": it was closed while nobody looked.
    (code === 'EINVALIDSTATE' && message.includes('not the Final state'));
  if (isUnsent || cutOff.has(code)) return { kind: 'connection_lost', code, unsent: isUnsent };
  // tarn's TimeoutError, which has no name of its own: no connection of the pool came free in time.
  if (message.startsWith('Failed to acquire a connection from the pool')) {
    return { kind: 'unavailable', code: noneFree, unsent: true };
  }
  return undefined;
}

interface Link {
  name: string;
  message: string;
  code?: string;
  number?: unknown;
  class?: number;
}

/** TypeORM wraps what mssql wraps around what tedious threw, each under a name of its own. */
function linksOf(error: unknown, links: Link[] = []): Link[] {
  for (let link = error; link instanceof Error && !links.includes(link);) {
    links.push(link);
    const { driverError, originalError, cause, info, precedingErrors } = link as Partial<
      Record<'driverError' | 'originalError' | 'cause' | 'info' | 'precedingErrors', unknown>
    >;
    // tedious keeps the server's own message beside its error.
    if (info instanceof Object && 'number' in info) links.push({ name: '', message: '', ...info });
    if (Array.isArray(precedingErrors)) for (const earlier of precedingErrors) linksOf(earlier, links);
    link = driverError ?? originalError ?? cause;
  }
  return links;
}
