import type { Pool } from './pool-watch';

/**
 * A message goes in packets of 4 KiB, some 2,000 characters. The driver lets the operating system hold the next packet back
 * until the one before is acknowledged, and who waits for the rest puts that off: 40 ms and more for each longer message.
 */
export function sendAtOnce(pool: Pool): void {
  pool.pool?.on('acquireSuccess', (_id, connection) => connection.socket?.setNoDelay());
}
