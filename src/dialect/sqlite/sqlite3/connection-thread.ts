import { AsyncResource } from 'node:async_hooks';
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads';
import { ConnectionLostError, OutcomeUnknownError } from '../../../errors';
import { classify } from '../classify';
import { threadFile } from './thread-file';
import { answers, type Answer, beats, type Request, type ThreadData, unpackError } from './wire';

const lookMs = 1_000;
/** A thread that shows no sign of life for so many looks is gone. */
const mostSilentLooks = 10;

/**
 * A connection of the package sqlite3, in a thread of its own: a request is one step of this thread, which sleeps until it
 * is answered. It does not keep the process alive.
 */
export class ConnectionThread {
  /** After the last request, as the database has it. */
  inTransaction = false;
  private readonly port: MessagePort;
  private readonly signals = new Int32Array(new SharedArrayBuffer(8));
  private readonly worker: Worker;
  private readonly ended: Promise<void>;
  private lost: Error | undefined;
  private closed = false;

  /** @param driver path of the package's module */
  constructor(driver: string) {
    const { port1, port2 } = new MessageChannel();
    this.port = port1;
    const workerData: ThreadData = { port: port2, signals: this.signals, driver };
    // It outlives the flow that opens it, and must not keep hold of its context.
    this.worker = new AsyncResource('AuditConnection').runInAsyncScope(
      () =>
        new Worker(threadFile, {
          workerData,
          transferList: [port2],
          execArgv: [],
          name: 'audit-trail-sqlite3',
        }),
    );
    this.worker.unref();
    this.worker.on('error', (error) => (this.lost = error));
    this.ended = new Promise((resolve) => {
      this.worker.on('exit', (code) => {
        this.lost ??= new Error(`its thread ended with code ${code}`);
        resolve();
      });
    });
  }

  get isOpen(): boolean {
    return !this.closed && !this.lost;
  }

  /** @throws the error of the driver; ConnectionLostError or OutcomeUnknownError where the thread is gone */
  ask(request: Request): unknown {
    if (this.closed) throw new ConnectionLostError('The connection is closed.');
    if (this.lost) throw this.lostError();
    const answered = Atomics.load(this.signals, answers);
    this.port.postMessage(request);
    if (!this.sleep(answered)) throw this.lose(request);
    const { message } = receiveMessageOnPort(this.port) as { message: Answer };
    this.inTransaction = message.inTransaction;
    if (message.error) throw unpackError(message.error);
    return message.value;
  }

  /** Closes the connection; resolves when its thread is gone. @throws the error of the driver */
  async close(): Promise<void> {
    try {
      if (this.isOpen) this.ask({ kind: 'close' });
    } finally {
      this.closed = true;
      this.inTransaction = false;
      // It ends by itself, when nobody can ask it any more.
      this.worker.ref();
      this.port.close();
      await this.ended;
    }
  }

  /** @returns false where no answer will come */
  private sleep(answered: number): boolean {
    let silentLooks = 0;
    let beat = -1;
    while (Atomics.load(this.signals, answers) === answered) {
      if (Atomics.wait(this.signals, answers, answered, lookMs) !== 'timed-out') continue;
      const last = beat;
      beat = Atomics.load(this.signals, beats);
      silentLooks = beat === last ? silentLooks + 1 : 0;
      if (silentLooks === mostSilentLooks) return false;
    }
    return true;
  }

  private lose(request: Request): Error {
    const mayBeDone = !this.inTransaction || (request.kind === 'statement' && classify(request.sql) === 'commit');
    this.lost = new Error(`its thread was silent for ${(lookMs * mostSilentLooks) / 1000} seconds`);
    this.port.close();
    const cause = this.lostError();
    return mayBeDone ? new OutcomeUnknownError(cause.message, { cause }) : cause;
  }

  private lostError(): ConnectionLostError {
    this.inTransaction = false;
    return new ConnectionLostError(
      `The connection to the database is lost: ${this.lost!.message}. Destroy the DataSource and initialise it again.`,
      { cause: this.lost },
    );
  }
}
