import closeWithGrace from 'close-with-grace';
import type { FastifyInstance } from 'fastify';
import type { AuditTrail } from 'typeorm-audit-trail';
import type { Service } from './service';

/** How long the audit trail may write what waits in its outbox. */
const drainTimeoutMs = 10_000;
/** How long a request that is under way may take to finish. */
const requestTimeoutMs = 5_000;

/** Stops in order on SIGTERM or SIGINT, with exit code 0; on an error that nobody caught as well, with exit code 1. */
export function closeOnSignal(service: Service): void {
  const { log } = service.app;
  closeWithGrace({ delay: requestTimeoutMs + drainTimeoutMs + 5_000, logger: log }, async ({ signal, err }) => {
    if (err) log.fatal({ err }, 'an unexpected error, stopping');
    else
      process.stdout.write(`${signal ?? 'Stop'}: no more requests are taken, the audit trail is brought up to date.\n`);
    await closeService(service);
  });
}

async function closeService({ app, trail, warehouse }: Service): Promise<void> {
  // A connection whose answer has been sent stays open for the next request, and nobody else closes it.
  const tidying = setInterval(() => app.server.closeIdleConnections(), 50);
  const impatience = setTimeout(() => app.server.closeAllConnections(), requestTimeoutMs);
  await app.close();
  clearInterval(tidying);
  clearTimeout(impatience);
  await Promise.all([trail, ...(warehouse ? [warehouse.trail] : [])].map((each) => closeTrail(app, each)));
}

async function closeTrail(app: FastifyInstance, trail: AuditTrail): Promise<void> {
  await trail.close({ drainTimeoutMs });
  const { pendingCount } = await trail.stats();
  if (pendingCount > 0) {
    app.log.warn(
      { pendingCount },
      'time ran out: these changes wait in the database, and the next start goes on with them',
    );
  }
  await trail.dataSource.destroy();
}
