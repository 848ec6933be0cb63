import type { ConnectionThread } from './connection-thread';
import { received, sendable } from './values';
import type { Ran } from './wire';

export type Done = (this: unknown, error: Error | null, result?: unknown) => void;

/**
 * In place of the package's own Database, as far as TypeORM and applications use it: to open a connection and close it, and
 * for statements beside the ORM, such as pragmas. Each is done when the call returns; the callback comes later, as ever.
 */
export class ThreadDatabase {
  readonly thread: ConnectionThread;

  /** @param mode flags of the package, or the callback */
  constructor(thread: ConnectionThread, file: string, mode?: number | Done, done?: Done) {
    this.thread = thread;
    const flags = typeof mode === 'number' ? mode : undefined;
    this.answer(typeof mode === 'function' ? mode : done, () => thread.ask({ kind: 'open', file, mode: flags }));
  }

  get open(): boolean {
    return this.thread.isOpen;
  }

  run(sql: string, ...rest: unknown[]): this {
    return this.statement('run', sql, rest, ({ changes, lastId }) => ({ context: { changes, lastID: lastId } }));
  }

  all(sql: string, ...rest: unknown[]): this {
    return this.statement('rows', sql, rest, ({ rows }) => ({ result: rows }));
  }

  get(sql: string, ...rest: unknown[]): this {
    return this.statement('rows', sql, rest, ({ rows }) => ({ result: rows![0] }));
  }

  exec(sql: string, done?: Done): this {
    return this.answer(done, () => this.thread.ask({ kind: 'exec', sql }));
  }

  loadExtension(path: string, done?: Done): this {
    return this.answer(done, () => this.thread.ask({ kind: 'extension', path }));
  }

  /** Of the package's options the one that is about the connection; the others are events, of which there are none here. */
  configure(option: string, value: unknown): this {
    if (option === 'busyTimeout') this.thread.ask({ kind: 'busyTimeout', ms: Number(value) });
    return this;
  }

  close(done?: Done): void {
    this.thread.close().then(
      () => done?.call(this, null, undefined),
      (error: Error) => done?.call(this, error),
    );
  }

  private statement(
    how: 'run' | 'rows',
    sql: string,
    rest: unknown[],
    told: (ran: Ran) => { context?: unknown; result?: unknown },
  ): this {
    const last = rest.at(-1);
    const done = typeof last === 'function' ? (rest.pop() as Done) : undefined;
    const [first] = rest;
    const parameters = sendable(isList(first) ? first : rest);
    return this.answer(done, () => {
      const ran = this.thread.ask({ kind: 'statement', how, sql, parameters, isWriting: false }) as Ran;
      (ran.rows as Record<string, unknown>[] | undefined)?.forEach(received);
      return told(ran);
    });
  }

  private answer(done: Done | undefined, call: () => unknown): this {
    let error: Error | null = null;
    let told: { context?: unknown; result?: unknown } = {};
    try {
      told = call() ?? {};
    } catch (thrown) {
      error = thrown as Error;
    }
    if (done) process.nextTick(() => done.call(told.context ?? this, error, told.result));
    else if (error) throw error;
    return this;
  }
}

/** Parameters all in one: an array, or by their names. */
function isList(value: unknown): boolean {
  const isPlain = typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
  return Array.isArray(value) || isPlain;
}
