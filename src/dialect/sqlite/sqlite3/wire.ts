import type { MessagePort } from 'node:worker_threads';

/** What passes between the event loop's thread and that of a connection. Everything is structured-cloneable. */

/** Given to the thread when it starts. */
export interface ThreadData {
  port: MessagePort;
  /** `answers` and `beats` below. */
  signals: Int32Array;
  /** Path of the package's module. */
  driver: string;
}

/** Places in `signals`: how many requests were answered, and a count that goes up while the thread is at one. */
export const answers = 0;
export const beats = 1;

export type Request =
  | { kind: 'open'; file: string; mode: number | undefined }
  /** `rows`: all rows, `run`: one step, and what it changed. */
  | { kind: 'statement'; how: 'rows' | 'run'; sql: string; parameters: unknown; isWriting: boolean }
  | { kind: 'each'; statements: readonly (readonly [sql: string, parameters: readonly unknown[]])[] }
  /** Rows as arrays of exact values. */
  | { kind: 'stored'; sql: string; parameters: readonly unknown[]; offset: number; rows: number }
  | { kind: 'exec'; sql: string }
  | { kind: 'extension'; path: string }
  | { kind: 'busyTimeout'; ms: number }
  | { kind: 'restore'; file: string }
  | { kind: 'close' };

export interface Answer {
  value?: unknown;
  error?: SentError;
  /** After the request, as the database has it. */
  inTransaction: boolean;
}

/** An error of the driver: cloning one drops what it says beside its message. */
export interface SentError {
  message: string;
  code: unknown;
  errno: unknown;
}

export interface Ran {
  rows: unknown[] | undefined;
  changes: number;
  lastId: number | undefined;
}

export function packError(error: unknown): SentError {
  const { message, code, errno } = error as Partial<SentError>;
  return { message: message ?? String(error), code, errno };
}

export function unpackError({ message, code, errno }: SentError): Error {
  return Object.assign(new Error(message), code === undefined ? {} : { errno, code });
}
