/** `npm run bench`: see `--help`, and README.md beside this file. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { performance } from 'node:perf_hooks';
import { type Arguments, helpText, parseArguments, UsageError } from './command-line';
import type { Suite, SuiteResult } from './suite';
import { suites } from './suites';
import { busyWarning, describeMachine } from './support/machine';
import { notFinite } from './support/statistics';
import { formatTable } from './support/table';

interface Outcome extends SuiteResult {
  name: string;
  seconds: number;
}

async function runSuite(suite: Suite, { quick, rounds, size, minutes, match }: Arguments): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), `audit-trail-bench-${suite.name}-`));
  const progress = (text: string) => console.error(`${suite.name}: ${text}`);
  const start = performance.now();
  let result: SuiteResult;
  try {
    result = await suite.run({ quick, rounds, size, minutes, match, folder, progress });
  } catch (error) {
    const text = error instanceof Error ? error.stack! : String(error);
    result = { tables: [], figures: {}, problems: [`${suite.name} failed: ${text}`] };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  const broken = notFinite(result.figures).map((path) => `${suite.name}: ${path} is not a number`);
  const seconds = Math.round((performance.now() - start) / 100) / 10;
  return { name: suite.name, seconds, ...result, problems: [...result.problems, ...broken] };
}

async function main(): Promise<void> {
  const args = parseArguments(process.argv.slice(2), suites);
  if (args.help) return console.log(helpText(suites));
  const machine = await describeMachine();
  const warning = busyWarning(machine);
  const { cpu, cores, memoryGiB, system, node, sqlite } = machine;
  console.log(`${cpu}, ${cores} cores, ${memoryGiB} GiB; ${system}; Node ${node}, SQLite ${sqlite}`);
  if (warning) console.log(`WARNING: ${warning}`);
  if (args.quick) console.log('Short form: it shows that the bench works; its figures mean little.');

  const takenAt = new Date().toISOString();
  const outcomes: Outcome[] = [];
  for (const suite of suites) {
    if (args.only.length > 0 && !args.only.includes(suite.name)) continue;
    const outcome = await runSuite(suite, args);
    for (const table of outcome.tables) console.log(formatTable(table));
    outcomes.push(outcome);
  }
  const problems = outcomes.flatMap((outcome) => outcome.problems);

  const file = resolve(args.out ?? join('bench', 'results', `${takenAt.replaceAll(':', '-')}.json`));
  const isReliable = warning === undefined && !args.quick && problems.length === 0;
  const results = Object.fromEntries(outcomes.map(({ name, seconds, figures }) => [name, { seconds, figures }]));
  const report = {
    takenAt,
    isReliable,
    quick: args.quick,
    warning: warning ?? null,
    machine,
    problems,
    suites: results,
  };
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(report, undefined, 2)}\n`);
  console.log(`Figures written to ${file}`);

  for (const problem of problems) console.error(`BROKEN: ${problem}`);
  if (problems.length > 0) process.exitCode = 1;
}

main().catch((error: unknown) => {
  console.error(error instanceof UsageError ? `${error.message} See --help.` : error);
  process.exitCode = error instanceof UsageError ? 2 : 1;
});
