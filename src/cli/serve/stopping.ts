import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import type { AuditTrail } from '../../audit-trail';

const signals = ['SIGTERM', 'SIGINT'] as const;
/** How long a request that is under way may take to finish. */
const requestTimeoutMs = 5_000;
/** A drain looks at the clock between two transactions; one of them may wait long for the file of another process. */
const drainGraceMs = 1_000;

/** Resolves at the first SIGTERM or SIGINT; a second one ends the process at once, which loses nothing either. */
export function untilSignal(): Promise<void> {
  return new Promise((resolve) => {
    let isStopping = false;
    const stop = () => {
      if (isStopping) process.exit(1);
      isStopping = true;
      resolve();
    };
    for (const signal of signals) process.on(signal, stop);
  });
}

/**
 * Takes no more requests, lets those under way finish, and drains.
 * @param drainTimeoutMs 0 for no drain
 * @returns changes that still wait in the outbox, undefined where the drain could not be waited for
 */
export async function stopServing(
  app: FastifyInstance,
  trail: AuditTrail,
  drainTimeoutMs: number,
): Promise<number | undefined> {
  const impatience = setTimeout(() => app.server.closeAllConnections(), requestTimeoutMs);
  await app.close();
  clearTimeout(impatience);
  const isDrained = await Promise.race([
    trail.close({ drainTimeoutMs }).then(() => true),
    sleep(drainTimeoutMs + drainGraceMs, false, { ref: false }),
  ]);
  if (!isDrained) return undefined;
  const { pendingCount } = await trail.stats();
  await trail.dataSource.destroy();
  return pendingCount;
}
