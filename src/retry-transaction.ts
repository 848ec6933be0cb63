import type { DataSource, EntityManager } from 'typeorm';
import { instrumentationOf } from './capture/instrument';
import { serverInstrumentationOf } from './capture/instrument-server';
import { retrying } from './capture/retrying';
import { AuditError, InvalidOptionError } from './errors';

/** Options of `retryTransaction`; all optional. */
export interface RetryOptions {
  /** How often `fn` is run at most, 1 to 100. Default 5. */
  attempts?: number;
  /** Longest pause before the second attempt, milliseconds, 0 to 60,000; it doubles with each one. Default 50. */
  delayMs?: number;
  /** Told of each failure that is followed by another attempt, which is the first, 1, and so on. */
  onRetry?: (error: AuditError, attempt: number) => void;
}

/**
 * `dataSource.transaction(fn)`, run again after a random pause where it failed with an error that says that this helps
 * (`retryable`): the lock was not free in time, or the database rolled the transaction back. Nothing of an attempt that
 * failed is in the database, or in the trail; what else `fn` does must bear being done again.
 * Any other error, and that of the last attempt, is thrown as it is.
 * @throws InvalidOptionError; TransactionHeldError inside a transaction, of which only the whole can be run again
 */
export async function retryTransaction<T>(
  dataSource: DataSource,
  fn: (manager: EntityManager) => Promise<T>,
  { attempts = 5, delayMs = 50, onRetry }: RetryOptions = {},
): Promise<T> {
  checkRange('attempts', attempts, 1, 100);
  checkRange('delayMs', delayMs, 0, 60_000);
  instrumentationOf(dataSource)?.capture?.connection.assertOutside('retryTransaction()');
  return retrying(() => dataSource.transaction(fn), {
    attempts,
    delayMs,
    mayRetry: (error) => error instanceof AuditError && error.retryable,
    onRetry: (error, attempt) => {
      const server = serverInstrumentationOf(dataSource);
      if (server) server.retries += 1;
      onRetry?.(error as AuditError, attempt);
    },
  });
}

function checkRange(name: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw new InvalidOptionError(`${name} must be a whole number from ${least} to ${most}.`, { value });
}
