import { join } from 'node:path';

/** The program of a reader's thread, as it is compiled. */
export const workerFile = join(__dirname, 'worker.js');
