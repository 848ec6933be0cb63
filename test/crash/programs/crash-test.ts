/**
 * `npm run test:crash -- [--rounds 50] [--seed N] [--clients 8] [--phase migration|flush|close] [--shipped]`: kills a
 * process under load at random instants, or all the time in one phase, and checks after each restart that the entries
 * equal the committed changes; with --shipped, those in a separate audit database. Exit code 1 where they do not, or where
 * too little was compared to say so.
 */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runMigrations } from '../run-migrations';
import { leastOperations, runRounds } from '../run-rounds';
import type { Phase } from '../worker/cue';
import { conclude, type Minimum, report, wholeNumber } from './report';

/** What a round of each phase compares at least. */
const perRound = { operations: leastOperations, entries: 0.5 };
const phases: Readonly<Record<string, { kill?: readonly Phase[]; least: Minimum }>> = {
  any: { least: perRound },
  // Little work is done on each of many files.
  migration: { least: { operations: 10, entries: 0 } },
  flush: { kill: ['flush'], least: perRound },
  close: { kill: ['closing the trail', 'closing the database'], least: perRound },
};

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      rounds: { type: 'string', default: '50' },
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
      clients: { type: 'string', default: '8' },
      phase: { type: 'string', default: 'any' },
      shipped: { type: 'boolean', default: false },
    },
  });
  const rounds = wholeNumber('rounds', values.rounds);
  const seed = wholeNumber('seed', values.seed);
  const clients = wholeNumber('clients', values.clients);
  const phase = phases[values.phase];
  if (!phase) throw new Error(`--phase must be one of ${Object.keys(phases).join(', ')}, not "${values.phase}"`);
  console.log(
    `seed ${seed}, ${rounds} rounds, ${clients} clients, phase ${values.phase}${values.shipped ? ', shipped' : ''}`,
  );
  const folder = mkdtempSync(join(tmpdir(), 'audit-trail-crash-'));
  const options = { rounds, seed, clients, folder, worker: join(__dirname, 'worker.js') };
  const checker =
    values.phase === 'migration'
      ? await runMigrations(options)
      : await runRounds({ ...options, isShipped: values.shipped, ...(phase.kill && { phases: phase.kill }) });
  const { operations, entries } = phase.least;
  conclude(report(checker, { operations: operations * rounds, entries: entries * rounds }), folder);
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
