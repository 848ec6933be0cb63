import type { FastifyReply, FastifyRequest } from 'fastify';
import { MethodNotAllowedError, RouteNotFoundError } from '../errors';
import { allowedMethods } from './allowed-methods';
import { answerError } from './error-answer';
import type { FailureJson } from './schemas';

/** The body of a good answer. */
export function succeed<T>(data: T): { success: true; data: T } {
  return { success: true, data };
}

/** What is used of an application; `FastifyInstance` as a parameter would only fit those with Fastify's own logger type. */
export interface EnvelopeTarget {
  setErrorHandler(handler: typeof sendError): unknown;
  setNotFoundHandler(handler: (request: FastifyRequest, reply: FastifyReply) => void): unknown;
}

export interface ErrorEnvelopeOptions {
  /** Routes to name to a caller who asks for one that does not exist, as `GET /path`. Default: none. */
  routes?: readonly string[];
}

/**
 * Makes every error of an application answer `{ success: false, error: { code, message, remedy, details? } }`: those of
 * this library with their own code and status, Fastify's and the application's 4xx with theirs, anything else as a 500
 * that says nothing and is logged. A path without a route answers 404; a route that knows other methods 405 with `Allow`.
 *
 * Call it once, on the root, before the routes. A URL that cannot be decoded fails before any handler; to have that in
 * the envelope too, pass `frameworkErrors: sendError` when making the application.
 */
export function installErrorEnvelope(app: EnvelopeTarget, { routes = [] }: ErrorEnvelopeOptions = {}): void {
  app.setErrorHandler(sendError);
  app.setNotFoundHandler((request, reply) => {
    const [path = ''] = request.url.split('?', 1);
    const allowed = allowedMethods(request);
    if (allowed.length === 0) throw new RouteNotFoundError(`There is no route ${request.method} ${path}.`, routes);
    // RFC 9110 section 15.5.6 requires the header.
    void reply.header('allow', allowed.join(', '));
    throw new MethodNotAllowedError(`${path} takes ${allowed.join(', ')}, not ${request.method}.`, {
      value: request.method,
    });
  });
}

/** Answers an error in the envelope; also fit for Fastify's option `frameworkErrors`. */
export function sendError(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const answer = answerError(error, request);
  const { statusCode } = answer;
  if (statusCode >= 500) request.log.error({ err: error }, 'the request failed');
  else request.log.info({ err: error }, 'the request was refused');
  // RFC 9110 sections 11.6.1 and 10.2.3.
  if (statusCode === 401 && !reply.hasHeader('www-authenticate')) void reply.header('www-authenticate', 'Bearer');
  if (statusCode === 503 && !reply.hasHeader('retry-after')) void reply.header('retry-after', '1');
  const body: FailureJson = { success: false, error: answer.error };
  void reply.code(statusCode).type('application/json; charset=utf-8').send(body);
}
