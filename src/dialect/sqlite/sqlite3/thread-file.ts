import { join } from 'node:path';

/** The program of a connection's thread, as it is compiled. */
export const threadFile = join(__dirname, 'thread.js');
