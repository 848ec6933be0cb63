import bearerAuth from '@fastify/bearer-auth';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';
import { UnauthorizedError } from 'typeorm-audit-trail';
import type { ApiKey } from './api-keys';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks. Set on every request that got past authentication, which is every one that reaches a handler. */
    caller: Caller;
  }
}

export type Caller = Pick<ApiKey, 'name' | 'role'>;

export interface AuthenticationOptions {
  keys: readonly ApiKey[];
}

/** Lets nobody in without a key, unknown routes included, before a byte of the body is read. */
export const authentication = fp(async (app: FastifyInstance, { keys }: AuthenticationOptions) => {
  await app.register(bearerAuth, {
    keys: keys.map(({ key }) => key),
    addHook: false,
    // The one in which `bearer` may be written in any case, as RFC 9110 has it.
    specCompliance: 'rfc6749',
    verifyErrorLogLevel: 'debug',
  });
  const verify = app.verifyBearerAuth!;
  const callers = new Map<string, Caller>(keys.map(({ name, key, role }) => [key, { name, role }]));

  app.decorateRequest('caller');
  app.addHook('onRequest', (request, reply, done) => {
    // The plugin compares with every key in constant time; after that the look-up has nothing left to give away.
    verify(request, reply, (error) => {
      const caller = error ? undefined : callers.get(bearerToken(request));
      if (caller) {
        request.caller = caller;
        done();
      } else {
        reply.header('www-authenticate', 'Bearer');
        done(new UnauthorizedError(error?.message ?? 'invalid authorization header', { cause: error }));
      }
    });
  });
});

function bearerToken(request: FastifyRequest): string {
  return (request.headers.authorization ?? '').slice('Bearer '.length).trim();
}
