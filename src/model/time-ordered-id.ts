import { randomUUID } from 'node:crypto';

/**
 * A UUID of version 7 (RFC 9562, section 5.7): ids of the same time lie side by side in an index, which for the log is
 * most of what its inserts cost.
 */
export function timeOrderedId(at = Date.now()): string {
  if (at !== prefix.at) {
    const milliseconds = at.toString(16).padStart(12, '0');
    prefix = { at, text: `${milliseconds.slice(0, 8)}-${milliseconds.slice(8)}-7` };
  }
  return prefix.text + randomUUID().slice(15);
}

/** Of the last id: most are asked for in the same millisecond as the one before. */
let prefix = { at: -1, text: '' };
