/**
 * `npm run test:server -- [--seconds 60] [--seed N] [--writers 50] [--connections 30] [--kill-every 0]`: many writers on one
 * pool of a database server, some of which end in deadlocks; with `--kill-every` milliseconds the server kills some of the
 * connections that often. Needs TEST_MSSQL_URL. Exit code 1 where the entries do not equal the committed changes, where a
 * writer met an error that nothing explains, or where too little was compared to say so.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { OwnDatabase } from '../load/database';
import { type LoadResult, runLoad } from '../load/run-load';

/** Per second, on the slowest of machines. */
const leastOperations = 1;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seconds: { type: 'string', default: '60' },
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
      writers: { type: 'string', default: '50' },
      connections: { type: 'string', default: '30' },
      'kill-every': { type: 'string', default: '0' },
    },
  });
  const number = (name: keyof typeof values): number => {
    const value = Number(values[name]);
    if (Number.isSafeInteger(value) && value >= 0) return value;
    throw new Error(`--${name} must be a whole number, not "${values[name]}"`);
  };
  const url = process.env['TEST_MSSQL_URL'];
  if (!url) throw new Error('Set TEST_MSSQL_URL to a server whose user may create databases.');
  const [seconds, seed, writers] = [number('seconds'), number('seed'), number('writers')];
  const [connections, killEveryMs] = [number('connections'), number('kill-every')];
  console.log(`seed ${seed}, ${seconds} s, ${writers} writers on ${connections} connections`);
  const folder = mkdtempSync(join(tmpdir(), 'audit-trail-server-'));
  const database = await OwnDatabase.create(url);
  try {
    const result = await runLoad(database, { folder, seconds, seed, writers, connections, killEveryMs });
    const problems = report(result, leastOperations * seconds);
    for (const problem of problems.slice(0, 50)) console.error(problem);
    if (problems.length > 0) {
      console.error(`${problems.length} problems. The journals are in ${folder}.`);
      process.exitCode = 1;
    } else {
      console.log('No difference.');
      rmSync(folder, { recursive: true });
    }
  } finally {
    await database.drop();
  }
}

/** Prints the figures. @returns what is wrong */
function report(result: LoadResult, minimum: number): string[] {
  const { operations, unacknowledged } = result.report;
  const compared = [...operations.values()].reduce((total, count) => total + count, 0);
  console.log(`operations   ${compared} compared: ${list(operations)}`);
  console.log(`entries      ${list(result.entries)}`);
  console.log(`failures     ${list(result.failures)}`);
  console.log(`run again    ${result.retries}`);
  console.log(`killed       ${result.kills} connections`);
  console.log(`unheard of   ${unacknowledged.committed} committed, ${unacknowledged.gone} gone`);
  console.log(`pool         longest wait ${result.pool.longestWaitMs} ms, ${result.pool.exhaustions} found all in use`);
  const tooFew = compared < minimum ? [`too few operations to compare: ${compared}`] : [];
  return [...result.problems, ...tooFew];
}

function list(counts: ReadonlyMap<string, number>): string {
  const sorted = [...counts].sort(([a], [b]) => (a < b ? -1 : 1));
  return sorted.map(([name, number]) => `${name} ${number}`).join(', ') || 'none';
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
