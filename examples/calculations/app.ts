import { randomUUID } from 'node:crypto';
import { fastify, type FastifyInstance, type FastifyServerOptions } from 'fastify';
import { ForbiddenError, type AuditTrail } from 'typeorm-audit-trail';
import { auditTrailPlugin, type Authorize, installErrorEnvelope, sendError } from 'typeorm-audit-trail/fastify';
import type { ApiKey } from './http/api-keys';
import { requestAuditContext } from './http/audit-context';
import { authentication } from './http/authentication';
import { answerClientError } from './http/client-error';
import { mayAudit } from './http/roles';
import { calculationRoutes } from './routes/calculation-routes';
import { formulaName, freeName } from './routes/schemas';
import { SystemCalculations } from './services/system-calculations';
import { UserCalculations } from './services/user-calculations';
import { warehouseRoutes } from './warehouse/routes';

export interface AppOptions {
  trail: AuditTrail;
  /** Trail of the second database, where there is one. */
  warehouse?: AuditTrail | undefined;
  keys: readonly ApiKey[];
  server?: FastifyServerOptions;
}

/** The HTTP application, not listening yet. */
export async function buildApp({ trail, warehouse, keys, server }: AppOptions): Promise<FastifyInstance> {
  const app = fastify({
    ...server,
    // Random, because it stands in for a correlation id that is missing: a counter begins again with every start.
    genReqId: () => randomUUID(),
    frameworkErrors: sendError,
    clientErrorHandler: answerClientError,
  });
  installErrorEnvelope(app);
  await app.register(authentication, { keys });
  await app.register(requestAuditContext);

  const { dataSource } = trail;
  const calculations = new UserCalculations(dataSource);
  await app.register(calculationRoutes, {
    prefix: '/api/calculations',
    service: calculations,
    name: freeName,
  });
  await app.register(calculationRoutes, {
    prefix: '/api/system-calculations',
    service: new SystemCalculations(dataSource),
    name: formulaName,
  });
  await app.register(auditTrailPlugin, { prefix: '/api/calculations/audit', trail, authorize });
  if (warehouse) {
    await app.register(warehouseRoutes, {
      prefix: '/api/warehouse/results',
      calculations,
      warehouse: warehouse.dataSource,
    });
    await app.register(auditTrailPlugin, { prefix: '/api/warehouse/audit', trail: warehouse, authorize });
  }
  return app;
}

const authorize: Authorize = ({ caller }, action) => {
  if (!mayAudit(caller.role, action)) {
    throw new ForbiddenError(`The role ${caller.role} may not ${action} the audit trail.`);
  }
  return true;
};
