/**
 * `npm run test:crash -- [--rounds 50] [--seed N] [--clients 8]`: kills a process under load at random instants and
 * checks after each restart that the entries equal the committed changes. Exit code 1 where they do not, or where too
 * little was compared to say so.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Checker } from '../checker';
import { leastOperations, runRounds } from '../run-rounds';

/** Per round, for each operation that the clients' work has. */
const leastEntries = 0.5;
const operations = ['insert', 'update', 'delete', 'soft_delete', 'restore', 'link', 'unlink'];

function count(name: string, text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new Error(`--${name} must be a whole number above 0, not "${text}"`);
}

function list(counts: ReadonlyMap<string, number>): string {
  const sorted = [...counts].sort(([a], [b]) => (a < b ? -1 : 1));
  return sorted.map(([name, number]) => `${name} ${number}`).join(', ') || 'none';
}

function sum(counts: ReadonlyMap<string, number>): number {
  return [...counts.values()].reduce((total, number) => total + number, 0);
}

function report({ figures, problems }: Checker, rounds: number): string[] {
  const compared = sum(figures.operations);
  console.log(`kills        ${figures.kills}, ${figures.killedInRecovery} of them before the recovery was done`);
  console.log(`killed while ${list(figures.interrupted)}`);
  console.log(`restarts     ${figures.kills}, checked ${figures.checks} times`);
  console.log(`operations   ${compared} compared: ${list(figures.operations)}`);
  console.log(`unheard of   ${figures.unacknowledged.committed} committed, ${figures.unacknowledged.gone} gone`);
  console.log(`entries      ${sum(figures.entries)} compared: ${list(figures.entries)}`);
  console.log(`minimum      ${leastOperations * rounds} operations, ${leastEntries * rounds} entries of each kind`);
  const tooFew = operations.filter((operation) => (figures.entries.get(operation) ?? 0) < leastEntries * rounds);
  return [
    ...problems,
    ...tooFew.map((operation) => `too few entries to compare: ${operation}`),
    ...(compared < leastOperations * rounds ? ['too few operations to compare'] : []),
  ];
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      rounds: { type: 'string', default: '50' },
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
      clients: { type: 'string', default: '8' },
    },
  });
  const rounds = count('rounds', values.rounds);
  const seed = count('seed', values.seed);
  const clients = count('clients', values.clients);
  console.log(`seed ${seed}, ${rounds} rounds, ${clients} clients`);
  const folder = mkdtempSync(join(tmpdir(), 'audit-trail-crash-'));
  const checker = await runRounds({ rounds, seed, clients, folder, worker: join(__dirname, 'worker.js') });
  const problems = report(checker, rounds);
  for (const problem of problems.slice(0, 50)) console.error(problem);
  if (problems.length === 0) {
    console.log('No difference.');
    rmSync(folder, { recursive: true });
  } else {
    console.error(`${problems.length} problems. The database and the journals are in ${folder}.`);
    process.exitCode = 1;
  }
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
