import type { FastifyInstance } from 'fastify';
import type { AuditTrail } from '../../audit-trail';
import { InvalidQueryError } from '../../errors';
import type { AccessKey } from '../access-keys';
import { CliError, codeOf, messageOf } from '../cli-error';
import { authorizeByKey } from './authorize-by-key';

export interface ServerOptions {
  trail: AuditTrail;
  prefix: string;
  /** None: the plugin answers this machine alone. */
  keys: readonly AccessKey[];
  /** Nothing that a request can do writes to the database. */
  readOnly: boolean;
}

/** Routes as the service has them, `GET /path`. */
export function routesOf({ prefix, readOnly }: Pick<ServerOptions, 'prefix' | 'readOnly'>): string[] {
  const reading = ['stats', 'recent', 'dashboard'].map((name) => `GET ${prefix}/${name}`);
  return readOnly ? reading : [...reading, `POST ${prefix}/flush`];
}

/** The HTTP service, not listening yet. @throws CliError where fastify is not installed */
export async function buildServer(options: ServerOptions): Promise<FastifyInstance> {
  const { fastify, auditTrailPlugin, installErrorEnvelope, sendError } = await loadHttp();
  const { trail, prefix, keys, readOnly } = options;
  const app = fastify({
    // Standard output is for the report of the start; requests that were refused are no news.
    logger: { level: 'warn', stream: process.stderr },
    frameworkErrors: sendError,
  });
  installErrorEnvelope(app, { routes: routesOf(options) });
  if (readOnly)
    app.addHook<{ Querystring: { fresh?: unknown } }>('preHandler', async ({ query }) => refuseFresh(query));
  await app.register(auditTrailPlugin, {
    trail,
    prefix,
    ...(readOnly && { routes: { flush: false } }),
    ...(keys.length > 0 && { authorize: authorizeByKey(keys) }),
  });
  return app;
}

/** @throws CliError saying what is in the way */
export async function listen(app: FastifyInstance, host: string, port: number): Promise<string> {
  try {
    return await app.listen({ host, port });
  } catch (error) {
    if (codeOf(error) === 'EADDRINUSE') {
      throw new CliError(
        'AUDIT_CLI_ADDRESS_IN_USE',
        `${host}:${port} is in use by another program.`,
        'Stop that program, or give another --port; 0 takes any free one.',
        error,
      );
    }
    throw new CliError(
      'AUDIT_CLI_CANNOT_LISTEN',
      `The service cannot listen on ${host}:${port}: ${messageOf(error)}.`,
      'Give a --host that is an address of this machine, and a --port above 1023.',
      error,
    );
  }
}

/** A fresh answer drains the outbox first, and that is a write. */
function refuseFresh({ fresh }: { fresh?: unknown }): void {
  if (fresh !== true) return;
  throw new InvalidQueryError(
    'fresh=true would drain the outbox, and this service only reads; leave it out: pending_count and complete_up_to say how far an answer reaches.',
    { value: fresh },
  );
}

/** Loaded here alone: the other commands run without fastify, which is an optional peer. */
async function loadHttp() {
  const { fastify } = await import('fastify').catch((error: unknown) => {
    if (codeOf(error) !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw new CliError(
      'AUDIT_CLI_FASTIFY_MISSING',
      'audit-trail serve needs fastify, which is not installed.',
      'Install it: npm install fastify',
      error,
    );
  });
  return { fastify, ...(await import('../../http/plugin.js')) };
}
