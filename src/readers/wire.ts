import type { ReaderTarget } from '../dialect/reader';
import type { NamesGiven } from '../model/recorded-names';
import * as errors from '../errors';
import type { QueryName } from './trail-queries';

/** What passes between the trail and a reader's thread. Everything is structured-cloneable. */

/** Given to a thread when it starts; it answers with `ready`, or `unable` and why. */
export interface ReaderData {
  target: ReaderTarget;
  names: NamesGiven;
}

export interface ReadRequest {
  name: QueryName;
  argument: unknown;
  /** By `monotonicMs`. */
  deadline: number;
}

/** Milliseconds on the one monotonic clock that all threads of the process share. */
export function monotonicMs(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1_000 + nanoseconds / 1e6;
}

export type ReaderMessage =
  { kind: 'ready' } | { kind: 'unable' | 'failed'; error: SentError } | { kind: 'answer'; answer: unknown };

/** An error on its way: cloning an Error drops its class and its code. */
export interface SentError {
  code: unknown;
  message: string;
  stack: string | undefined;
  value: unknown;
}

type AuditErrorClass = new (message: string, details: errors.AuditErrorDetails) => errors.AuditError;

const classes = new Map(
  Object.values(errors)
    .filter((value): value is typeof value & { code: string } => 'code' in value)
    .map((value) => [value.code as unknown, value as unknown as AuditErrorClass]),
);

export function packError(error: unknown): SentError {
  const { message, stack, code, value } = error as Partial<SentError>;
  return { code, message: message ?? String(error), stack, value };
}

/** The same class as it was, for an error of this library; otherwise an Error with the same code. */
export function unpackError({ code, message, stack, value }: SentError): Error {
  const AuditErrorClass = classes.get(code);
  const error = AuditErrorClass ? new AuditErrorClass(message, { value }) : Object.assign(new Error(message), { code });
  // Where it came from is in the other thread.
  if (stack !== undefined) error.stack = stack;
  return error;
}
