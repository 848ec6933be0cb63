import { Worker } from 'node:worker_threads';
import { ReaderFailedError } from '../errors';
import type { PoolReader, ReaderEvents } from './pool-reader';
import { type ReaderData, type ReaderMessage, type ReadRequest, unpackError } from './wire';
import { workerFile } from './worker-file';

/** One reader: a thread with a connection of its own. It keeps the process alive only while it works. */
export class ReaderThread implements PoolReader {
  private readonly worker: Worker;
  private readonly gone: Promise<void>;
  private failure: Error | undefined;

  constructor(workerData: ReaderData, events: ReaderEvents) {
    // Nothing that the process preloads for itself is of use to a reader.
    this.worker = new Worker(workerFile, { workerData, execArgv: [], name: 'audit-trail-reader' });
    this.worker.unref();
    this.worker.on('message', (message: ReaderMessage) => {
      switch (message.kind) {
        case 'ready':
          return events.onReady();
        case 'unable':
          this.failure = unpackError(message.error);
          return;
        case 'answer':
          return events.onOutcome({ answer: message.answer });
        case 'failed':
          return events.onOutcome({ error: unpackError(message.error) });
      }
    });
    this.worker.on('error', (error) => (this.failure = error));
    this.gone = new Promise((resolve) => {
      this.worker.on('exit', (exitCode) => {
        resolve();
        const cause = this.failure;
        const why = cause ? cause.message : `its thread ended with code ${exitCode}`;
        events.onGone(new ReaderFailedError(`A reader failed: ${why}`, { cause }));
      });
    });
  }

  send(request: ReadRequest): void {
    this.worker.ref();
    this.worker.postMessage(request);
  }

  /** Idle from now on. */
  rest(): void {
    this.worker.unref();
  }

  /** Resolves when the thread is gone, which is when the step that the database is at has ended. */
  async end(): Promise<void> {
    void this.worker.terminate();
    await this.gone;
  }
}
