import { inject } from 'vitest';

/** In place of `src/readers/worker-file.ts`: the program that `compile-worker.mts` has made of the sources. */
export const workerFile = inject('readerWorker');
