import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterTest } from './databases';

/** Another process that holds the write lock of a file until it is told to let go. */
export interface ForeignLock {
  /** Resolves when the file is free. */
  letGo(): Promise<void>;
}

export async function lockedBy(file: string): Promise<ForeignLock> {
  const child = fork(join(__dirname, 'lock-holder.mjs'), [file]);
  const ended = once(child, 'exit');
  afterTest(() => void child.kill());
  await once(child, 'message');
  return {
    letGo: async () => {
      child.send('let go');
      await ended;
    },
  };
}
