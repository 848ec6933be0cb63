import type { ReaderFailedError } from '../errors';
import type { ReadRequest } from './wire';

/** What came of a query. */
export type Outcome = { answer: unknown } | { error: Error };

/** What a reader tells its pool. */
export interface ReaderEvents {
  /** It can read. */
  onReady(): void;
  /** It is free for the next query. */
  onOutcome(outcome: Outcome): void;
  /** It is gone, for whatever reason. */
  onGone(error: ReaderFailedError): void;
}

/** A connection that only reads, as a pool has several; queries are answered in the order in which they are sent. */
export interface PoolReader {
  send(request: ReadRequest): void;
  /** Idle from now on. */
  rest(): void;
  /** Resolves when it is gone. */
  end(): Promise<void>;
}
