import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { temporaryFile } from '../support/databases';

it('lets a process end by itself that has idle readers and closes nothing', async () => {
  const program = join(__dirname, 'fixtures/idle-readers.cjs');
  const { stdout } = await promisify(execFile)(process.execPath, [program, temporaryFile()]);
  expect(stdout).toBe('3 5\n');
});
