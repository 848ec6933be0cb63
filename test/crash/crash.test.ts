import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';

/** The short form of `npm run test:crash`. */
const rounds = 5;

test('a process killed under load loses, invents and doubles nothing', async () => {
  const program = spawn(process.execPath, ['dist/test/crash/programs/crash-test.js', '--rounds', String(rounds)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void program.kill());
  const [output, errors, [code]] = await Promise.all([
    text(program.stdout),
    text(program.stderr),
    once(program, 'close') as Promise<[number]>,
  ]);
  expect(errors).toBe('');
  expect(output).toContain('No difference.');
  expect(code).toBe(0);
}, 120_000);
