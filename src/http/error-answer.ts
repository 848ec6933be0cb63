import type { FastifyRequest, FastifySchema, FastifySchemaValidationError } from 'fastify';
import {
  AuditError,
  ForbiddenError,
  InternalError,
  InvalidQueryError,
  InvalidRequestError,
  MethodNotAllowedError,
  PayloadTooLargeError,
  RequestRefusedError,
  UnauthorizedError,
  UnavailableError,
  UnsupportedMediaTypeError,
} from '../errors';
import type { FailureJson } from './schemas';
import { describeProblems } from './validation-problems';

/** An error as the API answers it. */
export interface ErrorAnswer {
  statusCode: number;
  error: FailureJson['error'];
}

/** What an error that is not ours may carry: Fastify's own, `http-errors`, an application's classes. */
interface ForeignError extends Error {
  statusCode?: unknown;
  status?: unknown;
  code?: unknown;
  remedy?: unknown;
  validation?: FastifySchemaValidationError[];
  validationContext?: string;
}

/** Codes and remedies for refusals of other code, by status, where it gives none itself. */
const byStatus = new Map<number, { code: string; remedy: string }>([
  [401, UnauthorizedError],
  [403, ForbiddenError],
  [405, MethodNotAllowedError],
  [413, PayloadTooLargeError],
  [415, UnsupportedMediaTypeError],
]);

/** Fastify's codes for what a client can get wrong before a handler runs. */
const byFastifyCode: Record<string, (message: string) => AuditError> = {
  FST_ERR_CTP_BODY_TOO_LARGE: (message) => new PayloadTooLargeError(message),
  FST_ERR_CTP_INVALID_MEDIA_TYPE: (message) => new UnsupportedMediaTypeError(message),
  FST_ERR_CTP_INVALID_JSON_BODY: (message) => new InvalidRequestError(message),
  FST_ERR_CTP_EMPTY_JSON_BODY: (message) => new InvalidRequestError(message),
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: (message) => new InvalidRequestError(message),
  FST_ERR_BAD_URL: (message) => new InvalidRequestError(message),
};

/** Status and body for anything thrown. Only what was meant for the caller gets out: an unexpected error stays inside. */
export function answerError(thrown: unknown, request: FastifyRequest): ErrorAnswer {
  const error: ForeignError = thrown instanceof Error ? thrown : new Error(String(thrown));
  if (error instanceof AuditError) return answerAuditError(error, request);
  if (error.validation) return answerAuditError(toValidationError(error, error.validation, request), request);
  const known = typeof error.code === 'string' ? byFastifyCode[error.code]?.(error.message) : undefined;
  if (known) return answerAuditError(known, request);
  const status = Number(error.statusCode ?? error.status);
  if (status >= 400 && status < 500) return answerRefusal(error, status);
  const own =
    status === UnavailableStatus
      ? new UnavailableError('The service cannot answer now.')
      : new InternalError('An unexpected error occurred.');
  return answerAuditError(own, request);
}

/** Load shedding (`@fastify/under-pressure`) and time-outs say 503, which balancers and clients act on. */
const UnavailableStatus = 503;

function answerAuditError(error: AuditError, request: FastifyRequest): ErrorAnswer {
  const { code, message, remedy, statusCode } = error;
  const details = error instanceof InternalError ? { request_id: request.id } : refusedValue(error);
  return { statusCode, error: { code, message, remedy, ...(details && { details }) } };
}

/** The value that was refused, for the caller's own mistakes and only if it is small, plain JSON. */
function refusedValue({ statusCode, value }: AuditError): { value: unknown } | undefined {
  if (statusCode >= 500) return undefined;
  try {
    const text: string | undefined = JSON.stringify(value);
    return text !== undefined && text.length <= 1_000 ? { value: JSON.parse(text) as unknown } : undefined;
  } catch {
    return undefined;
  }
}

function answerRefusal(error: ForeignError, statusCode: number): ErrorAnswer {
  const fallback = byStatus.get(statusCode) ?? RequestRefusedError;
  const code = typeof error.code === 'string' && /^[A-Z][A-Z0-9_]*$/.test(error.code) ? error.code : fallback.code;
  const remedy = typeof error.remedy === 'string' ? error.remedy : fallback.remedy;
  return { statusCode, error: { code, message: error.message, remedy } };
}

function toValidationError(
  error: ForeignError,
  findings: FastifySchemaValidationError[],
  request: FastifyRequest,
): AuditError {
  const part = error.validationContext ?? 'request';
  const sent: Record<string, unknown> = {
    querystring: request.query,
    params: request.params,
    headers: request.headers,
    body: request.body,
  };
  const schema: unknown = request.routeOptions.schema?.[part as keyof FastifySchema];
  const { message, value } = describeProblems(findings, part, schema, sent[part]);
  return part === 'querystring'
    ? new InvalidQueryError(message, { value })
    : new InvalidRequestError(message, { value });
}
