/**
 * The one registry of errors that a caller can act on.
 *
 * Each has a class, a stable code, an HTTP status for the API, and a remedy; an instance adds the offending value.
 * `docs/errors.md` lists the codes; a test keeps the list and this file the same.
 */

/** What an instance can add to its class. */
export interface AuditErrorDetails {
  /** The value that was refused, as the caller gave it. */
  value?: unknown;
  /** The error underneath, usually the driver's. */
  cause?: unknown;
}

/** Base class of every error of this library. */
export abstract class AuditError extends Error {
  abstract readonly code: string;
  /** HTTP status of the answer when the error reaches the API. */
  abstract readonly statusCode: number;
  /** True when the same call can succeed if it is made again. */
  abstract readonly retryable: boolean;
  /** What to do about it, one sentence. */
  abstract readonly remedy: string;
  readonly value: unknown;

  constructor(message: string, details: AuditErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.value = details.value;
  }
}

interface ErrorKind {
  statusCode: number;
  retryable?: boolean;
  remedy: string;
}

function defineError(code: string, kind: ErrorKind) {
  return class extends AuditError {
    static readonly code = code;
    static readonly remedy = kind.remedy;
    override readonly name = 'AuditError';
    readonly code = code;
    readonly statusCode = kind.statusCode;
    readonly retryable = kind.retryable ?? false;
    readonly remedy = kind.remedy;
  };
}

// --- set-up -----------------------------------------------------------------------------------------------------
export class InvalidOptionError extends defineError('AUDIT_INVALID_OPTION', {
  statusCode: 500,
  remedy: 'Correct the option; docs/options.md lists all of them with their defaults.',
}) {}
export class InvalidDatabaseUrlError extends defineError('AUDIT_INVALID_DATABASE_URL', {
  statusCode: 500,
  remedy: 'Use sqlite:./data/app.sqlite, sqlite::memory: or mssql://user:password@host:1433/database.',
}) {}
export class UnsupportedDatabaseError extends defineError('AUDIT_UNSUPPORTED_DATABASE', {
  statusCode: 500,
  remedy: 'Use a DataSource of a supported type; the README lists them.',
}) {}
/** Two packages, each with a SQLite of its own, were to open one file in one process. */
export class DriverConflictError extends defineError('AUDIT_DRIVER_CONFLICT', {
  statusCode: 500,
  remedy: 'Open the file through one package: ?driver= in the URL, or the type of the DataSource, names it.',
}) {}
/** Something that the trail of one database can do and that of another can't. */
export class UnsupportedOperationError extends defineError('AUDIT_UNSUPPORTED_OPERATION', {
  statusCode: 501,
  remedy: 'Do without it on this database; the README says what each can do.',
}) {}
export class AuditSchemaMissingError extends defineError('AUDIT_SCHEMA_MISSING', {
  statusCode: 500,
  remedy: 'Create the audit tables with `audit-trail migrate`, or attach with the option migrate: true.',
}) {}
export class LogProtectedError extends defineError('AUDIT_LOG_PROTECTED', {
  statusCode: 500,
  remedy:
    'Export the log first; to destroy it on purpose set the option allowLogDestruction, or AUDIT_ALLOW_LOG_DESTRUCTION=yes.',
}) {}
export class TrailClosedError extends defineError('AUDIT_TRAIL_CLOSED', {
  statusCode: 503,
  remedy: 'Attach the trail again before using it.',
}) {}
export class UnknownEntityError extends defineError('AUDIT_UNKNOWN_ENTITY', {
  statusCode: 400,
  remedy: 'Name an entity of this DataSource that is audited.',
}) {}

// --- the serialised connection ----------------------------------------------------------------------------------
export class LockTimeoutError extends defineError('AUDIT_LOCK_TIMEOUT', {
  statusCode: 503,
  retryable: true,
  remedy: 'Try again; if it happens often, shorten the transaction that is named, or raise lockTimeoutMs.',
}) {}
export class LogElsewhereError extends defineError('AUDIT_LOG_ELSEWHERE', {
  statusCode: 409,
  remedy: 'Set the option auditDatabase to the database that has the log.',
}) {}
export class TransactionHeldError extends defineError('AUDIT_TRANSACTION_HELD', {
  statusCode: 500,
  remedy: 'Write through the manager of the query runner that holds the transaction, or use dataSource.transaction().',
}) {}
export class TransactionLostError extends defineError('AUDIT_TRANSACTION_LOST', {
  statusCode: 500,
  retryable: true,
  remedy: 'Start the transaction again: the database rolled it back when a statement failed.',
}) {}
export class TransactionIdleError extends defineError('AUDIT_TRANSACTION_IDLE', {
  statusCode: 500,
  remedy:
    'Do what takes long before the transaction or after it, and always end it; or raise idleTransactionTimeoutMs.',
}) {}
export class TransactionLeftOpenError extends defineError('AUDIT_TRANSACTION_LEFT_OPEN', {
  statusCode: 500,
  remedy: 'Use dataSource.transaction(), or keep one query runner from BEGIN to COMMIT and release it afterwards.',
}) {}

export class TransactionRequiredError extends defineError('AUDIT_TRANSACTION_REQUIRED', {
  statusCode: 500,
  remedy: 'Start a transaction first: dataSource.transaction(), queryRunner.startTransaction() or BEGIN.',
}) {}

// --- the server -------------------------------------------------------------------------------------------------
/** Nothing of the transaction, or of the statement, is in the database. */
export class ConnectionLostError extends defineError('AUDIT_CONNECTION_LOST', {
  statusCode: 503,
  retryable: true,
  remedy: 'Try again, the transaction from its start: nothing of it is in the database.',
}) {}
/** COMMIT, or a statement outside a transaction, got no answer. */
export class OutcomeUnknownError extends defineError('AUDIT_OUTCOME_UNKNOWN', {
  statusCode: 503,
  remedy: 'Look whether the change is there, in the table or in the trail, before making it again.',
}) {}

// --- a separate audit database -----------------------------------------------------------------------------------
/** It can't be reached, or takes nothing at the moment; what was recorded waits in the application's database. */
export class AuditDatabaseUnavailableError extends defineError('AUDIT_DATABASE_UNAVAILABLE', {
  statusCode: 503,
  retryable: true,
  remedy: 'See to the audit database; nothing is lost meanwhile, and stats().auditDatabase says how much waits.',
}) {}

// --- capture ----------------------------------------------------------------------------------------------------
export class CaptureBrokenError extends defineError('AUDIT_CAPTURE_BROKEN', {
  statusCode: 500,
  remedy: 'See stats().capture for the tables concerned, and attach the trail again.',
}) {}
export class ChangeNotRecordedError extends defineError('AUDIT_CHANGE_NOT_RECORDED', {
  statusCode: 500,
  remedy: 'The change was refused because its record could not be written; see the cause.',
}) {}
export class ContextRequiredError extends defineError('AUDIT_CONTEXT_REQUIRED', {
  statusCode: 500,
  remedy: 'Make the change inside auditContext.run({ actor: … }, …).',
}) {}
export class DatabaseFullError extends defineError('AUDIT_DATABASE_FULL', {
  statusCode: 503,
  remedy: 'Make room where the database is, or raise its limit; what was refused has left nothing behind.',
}) {}
export class UnrecordedStatementError extends defineError('AUDIT_UNRECORDED_STATEMENT', {
  statusCode: 500,
  remedy:
    'Use DELETE or clear() instead of TRUNCATE TABLE, BULK INSERT with FIRE_TRIGGERS, and leave the triggers of the trail enabled.',
}) {}
export class ReasonRequiredError extends defineError('AUDIT_REASON_REQUIRED', {
  statusCode: 400,
  remedy: 'Give a reason: auditContext.run({ reason: … }, …), or the header x-reason over HTTP.',
}) {}
export class InvalidContextError extends defineError('AUDIT_INVALID_CONTEXT', {
  statusCode: 400,
  remedy: 'Correct the field; auditContext.run documents the limits.',
}) {}

// --- reading ----------------------------------------------------------------------------------------------------
export class InvalidQueryError extends defineError('AUDIT_INVALID_QUERY', {
  statusCode: 400,
  remedy: 'Correct the parameter; docs/api.md lists them with their ranges.',
}) {}
export class InvalidCursorError extends defineError('AUDIT_INVALID_CURSOR', {
  statusCode: 400,
  remedy: 'Pass next_cursor of an earlier answer as it was, or leave the cursor out to start at the newest entry.',
}) {}

// --- reverting --------------------------------------------------------------------------------------------------
/** The table does not hold what the trail says last. */
export class RowDiffersError extends defineError('AUDIT_ROW_DIFFERS', {
  statusCode: 409,
  remedy: 'Find out with trail.doctor() who changed the row behind the trail, and accept or correct it.',
}) {}
/** Another row has had the key since, or the row has another key now. */
export class RowMovedError extends defineError('AUDIT_ROW_MOVED', {
  statusCode: 409,
  remedy: 'Look at trail.history() of the key, and revert the row under the key that it has now.',
}) {}
/** The row can't be inserted without a value that the trail does not have. */
export class NotRestorableError extends defineError('AUDIT_NOT_RESTORABLE', {
  statusCode: 409,
  remedy: 'Insert the row yourself, with values of your own for the columns that the message names.',
}) {}

// --- readers ----------------------------------------------------------------------------------------------------
/** The answer of a report or a page of the log did not come in time; its query is ended. */
export class ReadTimeoutError extends defineError('AUDIT_READ_TIMEOUT', {
  statusCode: 503,
  retryable: true,
  remedy: 'Ask for less: a smaller page, more filters, a shorter time; or raise readTimeoutMs.',
}) {}
export class ReaderFailedError extends defineError('AUDIT_READER_FAILED', {
  statusCode: 503,
  retryable: true,
  remedy: 'Try again: another reader has taken its place. If it happens often, see the cause, or set readers: false.',
}) {}

// --- moving -----------------------------------------------------------------------------------------------------
/** Two databases tell the same change differently: one of them was altered, or used on its own. */
export class LogConflictError extends defineError('AUDIT_LOG_CONFLICT', {
  statusCode: 409,
  remedy:
    'Find out which of the two was altered; an entry is never overwritten, and none of this block was taken over.',
}) {}

/** What is moved must stand still meanwhile. */
export class DatabaseInUseError extends defineError('AUDIT_DATABASE_IN_USE', {
  statusCode: 409,
  retryable: true,
  remedy: 'Stop every program that has the database open, the application first of all, and try again.',
}) {}
/** The preflight of a switch found something; the message has all of it. */
export class SwitchRefusedError extends defineError('AUDIT_SWITCH_REFUSED', {
  statusCode: 409,
  remedy: 'Mend what the preflight names; docs/switching-dialects.md has a remedy for each.',
}) {}
/** What was copied is not what the source has; the target is not to be used. */
export class SwitchDiffersError extends defineError('AUDIT_SWITCH_DIFFERS', {
  statusCode: 500,
  remedy:
    'Find out who wrote to the target meanwhile, empty it or name another, and switch again; the source is as it was.',
}) {}

// --- HTTP -------------------------------------------------------------------------------------------------------
export class UnauthorizedError extends defineError('AUDIT_UNAUTHORIZED', {
  statusCode: 401,
  remedy: 'Send a valid key: Authorization: Bearer <key>.',
}) {}
export class ForbiddenError extends defineError('AUDIT_FORBIDDEN', {
  statusCode: 403,
  remedy: 'Use a key that has this right.',
}) {}
/** Without `authorize` the plugin answers the machine it runs on and no other. */
export class LoopbackOnlyError extends defineError('AUDIT_LOOPBACK_ONLY', {
  statusCode: 403,
  remedy: 'Ask from the machine itself, without a proxy, or give the plugin an authorize option.',
}) {}
export class RouteNotFoundError extends defineError('AUDIT_ROUTE_NOT_FOUND', {
  statusCode: 404,
  remedy: 'Check the path against the documentation of the service.',
}) {
  override readonly remedy: string;

  /** `routes` are the ones to name in the remedy, as `GET /path`. */
  constructor(message: string, routes: readonly string[]) {
    super(message);
    this.remedy = routes.length > 0 ? `Use one of: ${routes.join(', ')}.` : RouteNotFoundError.remedy;
  }
}
export class MethodNotAllowedError extends defineError('AUDIT_METHOD_NOT_ALLOWED', {
  statusCode: 405,
  remedy: 'Use a method that the Allow header lists.',
}) {}
/** A body, a header or a path that cannot be read; a query string is an InvalidQueryError. */
export class InvalidRequestError extends defineError('AUDIT_INVALID_REQUEST', {
  statusCode: 400,
  remedy: 'Correct the part of the request that the message names.',
}) {}
export class PayloadTooLargeError extends defineError('AUDIT_PAYLOAD_TOO_LARGE', {
  statusCode: 413,
  remedy: 'Send a smaller body, or none where the route takes none.',
}) {}
export class UnsupportedMediaTypeError extends defineError('AUDIT_UNSUPPORTED_MEDIA_TYPE', {
  statusCode: 415,
  remedy: 'Send application/json, or no body where the route takes none.',
}) {}
/** A refusal by other code than this library's, which gave no code of its own; it keeps its own status. */
export class RequestRefusedError extends defineError('AUDIT_REQUEST_REFUSED', {
  statusCode: 400,
  remedy: 'Change the request as the message says.',
}) {}
export class UnavailableError extends defineError('AUDIT_UNAVAILABLE', {
  statusCode: 503,
  retryable: true,
  remedy: 'Try again in a moment.',
}) {}
/** Anything that nobody foresaw; the answer says nothing about it, the log of the service does. */
export class InternalError extends defineError('AUDIT_INTERNAL', {
  statusCode: 500,
  remedy: 'Find the request by its id in the log of the service; the cause is there.',
}) {}
