import type { Worker } from 'node:worker_threads';
import { afterTest } from './databases';

/** The threads that start from now on until the end of the test, and are not gone yet. */
export function watchThreads(): Set<Worker> {
  const threads = new Set<Worker>();
  const note = (worker: Worker): void => {
    threads.add(worker);
    worker.once('exit', () => threads.delete(worker));
  };
  process.on('worker', note);
  afterTest(() => void process.off('worker', note));
  return threads;
}
