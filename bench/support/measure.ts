import { performance } from 'node:perf_hooks';

/** What a piece of work took, in microseconds. */
export interface Cost {
  /** CPU time of this process, user and system. */
  cpu: number;
  wall: number;
}

export async function measure(work: () => Promise<void> | void): Promise<Cost> {
  const cpu = process.cpuUsage();
  const start = performance.now();
  await work();
  const wall = (performance.now() - start) * 1000;
  const { user, system } = process.cpuUsage(cpu);
  return { cpu: user + system, wall };
}

/**
 * Before a measurement, so that it does not pay for the garbage of its preparation. Only the young generation: a full
 * collection on demand throws compiled code away as well, and what is measured then is mostly the compiler.
 */
export function collectGarbage(): void {
  globalThis.gc!({ type: 'minor' });
}
