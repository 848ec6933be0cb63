/**
 * `npm run test:processes -- [--seconds 60] [--seed N] [--clients 4] [--kill-every 4000] [--lock 2000] [--shipped]`: two
 * processes capture and drain one file at the same time, and one of them is killed now and then; with --shipped both
 * deliver to a separate audit database. Exit code 1 where the entries do
 * not equal the committed changes, where too little was compared to say so, or where the event loop of one stood still
 * while somebody else held the lock.
 */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runProcesses } from '../run-processes';
import type { LoopDelay } from '../worker-process';
import { conclude, report, wholeNumber } from './report';

/** Of the time that somebody else holds the lock: a loop that waits for it stands still for all of it. */
const longestStall = 0.5;
/** Per second, on the slowest of machines. */
const least = { operations: 4, entries: 0.2 };

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seconds: { type: 'string', default: '60' },
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
      clients: { type: 'string', default: '4' },
      'kill-every': { type: 'string', default: '4000' },
      lock: { type: 'string', default: '2000' },
      shipped: { type: 'boolean', default: false },
    },
  });
  const seconds = wholeNumber('seconds', values.seconds);
  const seed = wholeNumber('seed', values.seed);
  const clients = wholeNumber('clients', values.clients);
  const killEveryMs = wholeNumber('kill-every', values['kill-every']);
  const lockMs = wholeNumber('lock', values.lock);
  console.log(`seed ${seed}, ${seconds} s, 2 processes of ${clients} clients each`);
  const folder = mkdtempSync(join(tmpdir(), 'audit-trail-processes-'));
  const worker = join(__dirname, 'worker.js');
  const { checker, loops } = await runProcesses({
    seconds,
    seed,
    clients,
    killEveryMs,
    lockMs,
    folder,
    worker,
    isShipped: values.shipped,
  });
  const problems = report(checker, { operations: least.operations * seconds, entries: least.entries * seconds });
  for (const { usual, locked } of loops) {
    console.log(`event loop   ${describe(usual)}; while the lock was held for ${lockMs} ms: ${describe(locked)}`);
    if (locked.max > lockMs * longestStall) {
      problems.push(`an event loop stood still for ${Math.round(locked.max)} ms while somebody else held the lock`);
    }
  }
  conclude(problems, folder);
}

function describe({ max, p99 }: LoopDelay): string {
  return `at most ${max.toFixed(0)} ms late, p99 ${p99.toFixed(0)} ms`;
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
