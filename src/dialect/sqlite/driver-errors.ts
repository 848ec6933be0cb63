import { DatabaseFullError } from '../../errors';

/** Code of an error of a driver, '' without one. */
export function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : '';
}

/** Another connection holds the lock, and nothing was done. */
export function isBusy(error: unknown): boolean {
  const code = codeOf(error);
  return code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED');
}

/** The error to hand on: one of the library where a caller can do something about it. */
export function converted(error: unknown): unknown {
  if (codeOf(error) !== 'SQLITE_FULL') return error;
  return new DatabaseFullError('The database or its disk is full: nothing was written.', { cause: error });
}
