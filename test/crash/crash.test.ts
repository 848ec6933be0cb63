import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';

/** Runs one of the programs beside this file to its end; it compares what committed with what was recorded. */
async function run(program: string, ...values: string[]): Promise<void> {
  const child = spawn(process.execPath, [`dist/test/crash/programs/${program}.js`, ...values], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill());
  const [output, errors, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close') as Promise<[number]>,
  ]);
  expect(errors).toBe('');
  expect(output).toContain('No difference.');
  expect(code).toBe(0);
}

const timeout = 120_000;

/** The short form of `npm run test:crash`. */
test('a process killed under load loses, invents and doubles nothing', { timeout }, () =>
  run('crash-test', '--rounds', '5'),
);

test.each(['migration', 'flush', 'close'])('… nor one that is killed during a %s', { timeout }, (phase) =>
  run('crash-test', '--rounds', '3', '--phase', phase),
);

test('… nor one whose log is delivered to a separate audit database', { timeout }, () =>
  run('crash-test', '--rounds', '6', '--shipped'),
);

/** The short form of `npm run test:processes`. */
test(
  'two processes that write, drain and are killed on one file lose, invent and double nothing, and wait without standing still',
  { timeout },
  () => run('processes-test', '--seconds', '6', '--kill-every', '1500', '--lock', '1500'),
);

test('… nor where both deliver to one audit database', { timeout }, () =>
  run('processes-test', '--seconds', '6', '--kill-every', '1500', '--lock', '1000', '--shipped'),
);
