import type { FastifyInstance, FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';
import { auditContext } from 'typeorm-audit-trail';

/**
 * Says who changes something, why, and on whose request, for all that a handler does.
 *
 * In `preHandler`, because the body has been read by then: its last chunk arrives in another asynchronous context, and
 * what an earlier hook had bound would be lost.
 */
export const requestAuditContext = fp(async (app: FastifyInstance) => {
  app.addHook('preHandler', (request, _reply, done) => {
    auditContext.run(
      {
        actor: request.caller.name,
        reason: header(request, 'x-reason'),
        correlationId: header(request, 'x-correlation-id') ?? request.id,
        source: 'http',
        metadata: { method: request.method, route: request.routeOptions.url },
      },
      done,
    );
  });
});

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Node reads headers as Latin-1, most programs send UTF-8: "naïve" must not become "naÃ¯ve" in the trail. */
function header(request: FastifyRequest, name: string): string | undefined {
  const value = request.headers[name];
  const text = Array.isArray(value) ? value.join(', ') : value?.trim();
  if (!text) return undefined;
  try {
    return utf8.decode(Buffer.from(text, 'latin1'));
  } catch {
    return text;
  }
}
