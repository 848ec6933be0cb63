import { rmSync } from 'node:fs';
import type { Checker } from '../checker';

/** What a run must have compared, so that finding no difference means something. */
export interface Minimum {
  operations: number;
  /** Entries of each operation that the clients' work has. */
  entries: number;
}

const operations = ['insert', 'update', 'delete', 'soft_delete', 'restore', 'link', 'unlink'];

export function wholeNumber(name: string, text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new Error(`--${name} must be a whole number above 0, not "${text}"`);
}

/** Prints the figures. @returns what is wrong */
export function report({ figures, problems }: Checker, minimum: Minimum): string[] {
  const compared = sum(figures.operations);
  console.log(`kills        ${figures.kills}, ${figures.killedInRecovery} of them before the recovery was done`);
  console.log(`killed while ${list(figures.interrupted)}`);
  console.log(`restarts     ${figures.kills}, checked ${figures.checks} times`);
  console.log(`operations   ${compared} compared: ${list(figures.operations)}`);
  console.log(`unheard of   ${figures.unacknowledged.committed} committed, ${figures.unacknowledged.gone} gone`);
  console.log(`entries      ${sum(figures.entries)} compared: ${list(figures.entries)}`);
  console.log(`minimum      ${minimum.operations} operations, ${minimum.entries} entries of each kind`);
  const tooFew = operations.filter((operation) => (figures.entries.get(operation) ?? 0) < minimum.entries);
  return [
    ...problems,
    ...tooFew.map((operation) => `too few entries to compare: ${operation}`),
    ...(compared < minimum.operations ? ['too few operations to compare'] : []),
  ];
}

/** Prints the verdict and sets the exit code; the folder stays only where there is something to look at. */
export function conclude(problems: readonly string[], folder: string): void {
  for (const problem of problems.slice(0, 50)) console.error(problem);
  if (problems.length === 0) {
    console.log('No difference.');
    rmSync(folder, { recursive: true });
  } else {
    console.error(`${problems.length} problems. The database and the journals are in ${folder}.`);
    process.exitCode = 1;
  }
}

function list(counts: ReadonlyMap<string, number>): string {
  const sorted = [...counts].sort(([a], [b]) => (a < b ? -1 : 1));
  return sorted.map(([name, number]) => `${name} ${number}`).join(', ') || 'none';
}

function sum(counts: ReadonlyMap<string, number>): number {
  return [...counts.values()].reduce((total, number) => total + number, 0);
}
