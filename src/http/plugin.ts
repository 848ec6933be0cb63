/** Entry of `typeorm-audit-trail/fastify`: the trail over HTTP. */
import type { FastifyPluginAsync } from 'fastify';
import fp from 'fastify-plugin';
import { accessGuard } from './access';
import { addBodyParsers } from './body-parsers';
import { installErrorEnvelope } from './envelope';
import { resolvePluginOptions, type AuditPluginOptions, type ResolvedPluginOptions } from './plugin-options';
import { queryValidator } from './query-validator';
import type { AuditApp } from './route';
import { addDashboardRoute } from './routes/dashboard';
import { addFlushRoute } from './routes/flush';
import { addRecentRoute } from './routes/recent';
import { addStatsRoute } from './routes/stats';

export type { AuditAction, Authorize } from './access';
export { installErrorEnvelope, sendError } from './envelope';
export type { ErrorEnvelopeOptions } from './envelope';
export type { AuditPluginOptions } from './plugin-options';

const routes = [
  { name: 'stats', method: 'GET', add: addStatsRoute },
  { name: 'recent', method: 'GET', add: addRecentRoute },
  { name: 'flush', method: 'POST', add: addFlushRoute },
  { name: 'dashboard', method: 'GET', add: addDashboardRoute },
] as const;

/** The plugin's own scope: its error handler, body limit, validator and serializer end here. */
async function auditScope(app: AuditApp, options: ResolvedPluginOptions): Promise<void> {
  const guard = accessGuard(options.authorize);
  app.addHook('onRequest', async (request, reply) => {
    void reply.headers({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
    await guard(request);
  });
  addBodyParsers(app);
  // The application may have compilers of its own (zod's, say), which do not know these schemas. Answers are written by
  // JSON.stringify: a serializer made from a schema drops what the schema does not foresee, and images are free JSON.
  app.setValidatorCompiler(queryValidator);
  app.setSerializerCompiler(() => (answer) => JSON.stringify(answer));
  app.setReplySerializer((answer) => JSON.stringify(answer));

  const named: string[] = [];
  for (const { name, method, add } of routes) {
    const path = options.routes[name];
    if (path === false) continue;
    add(app, path, options.trail);
    named.push(`${method} ${app.prefix}${path}`);
  }
  installErrorEnvelope(app, { routes: named });
}

const register: FastifyPluginAsync<AuditPluginOptions> = async (app, options) => {
  const resolved = resolvePluginOptions(options);
  await app.register(auditScope, { ...options, ...resolved });
};

/**
 * Serves a trail: `app.register(auditTrailPlugin, { trail, prefix: '/api/audit' })`.
 *
 * The plugin itself adds nothing to the scope it is registered in: it opens one below. It is wrapped because only so is
 * `prefix` its own option, with a default; Fastify would apply it and leave a plugin without one at the root.
 *
 * @throws InvalidOptionError from `register`, for options that are not as {@link AuditPluginOptions} says
 */
export const auditTrailPlugin = fp(register, { fastify: '5.x', name: 'typeorm-audit-trail' });

export default auditTrailPlugin;
