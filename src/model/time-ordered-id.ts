import { randomUUID } from 'node:crypto';

/**
 * A UUID of version 7 (RFC 9562, section 5.7): ids of the same time lie side by side in an index, which for the log is
 * most of what its inserts cost.
 */
export function timeOrderedId(at = Date.now()): string {
  const milliseconds = at.toString(16).padStart(12, '0');
  return `${milliseconds.slice(0, 8)}-${milliseconds.slice(8)}-7${randomUUID().slice(15)}`;
}
