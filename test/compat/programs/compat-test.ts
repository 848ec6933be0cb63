/**
 * `npm run test:compat -- [--only NAME] [--suite NAME] [--keep]`: the packed tarball in an installation of its own for each
 * combination of TypeORM and driver, and the suites of `../suites.ts` there. Exit code 1 where one of them fails.
 */
import { parseArgs } from 'node:util';
import { type Combination, chosen } from '../combinations';
import { Installation, withTarball } from '../installation';
import { type SuiteResult, suites } from '../suites';

const secondsSince = (start: number) => `${Math.round((Date.now() - start) / 1000)} s`;

async function runSuites(
  combination: Combination,
  tarball: string,
  { keep, suite: only }: { keep: boolean; suite?: string[] },
): Promise<Map<string, SuiteResult>> {
  let start = Date.now();
  const installation = await Installation.create(combination, tarball);
  const versions = installation.versions().map(([name, version]) => `${name} ${version}`);
  console.log(`${combination.name}: ${versions.join(', ')}; installed in ${secondsSince(start)}`);
  const results = new Map<string, SuiteResult>();
  try {
    for (const [name, suite] of Object.entries(suites)) {
      if (only && !only.includes(name)) continue;
      start = Date.now();
      const result = await suite(installation);
      results.set(name, result);
      console.log(`${combination.name}: ${name}: ${describe(result)}, ${secondsSince(start)}`);
      if (result.failed > 0) console.log(result.output);
    }
  } finally {
    if (keep) console.log(`${combination.name}: kept in ${installation.folder}`);
    else installation.remove();
  }
  return results;
}

function describe(result: SuiteResult | undefined): string {
  if (!result) return 'not run';
  const { passed, failed, skipped } = result;
  return [`${passed} passed`, failed > 0 && `${failed} FAILED`, skipped > 0 && `${skipped} skipped`]
    .filter(Boolean)
    .join(', ');
}

function table(outcomes: ReadonlyMap<string, ReadonlyMap<string, SuiteResult>>): string {
  const rows = [
    ['', ...outcomes.keys()],
    ...Object.keys(suites).map((suite) => [suite, ...[...outcomes.values()].map((of) => describe(of.get(suite)))]),
  ];
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('   ')
        .trimEnd(),
    )
    .join('\n');
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', multiple: true },
      suite: { type: 'string', multiple: true },
      keep: { type: 'boolean', default: false },
    },
  });
  const unknown = values.suite?.find((name) => !(name in suites));
  if (unknown !== undefined) throw new Error(`There is no suite "${unknown}": ${Object.keys(suites).join(', ')}.`);
  const outcomes = new Map<string, Map<string, SuiteResult>>();
  await withTarball(async (tarball) => {
    for (const combination of chosen(values.only)) {
      outcomes.set(combination.name, await runSuites(combination, tarball, values));
    }
  });
  console.log(table(outcomes));
  const failed = [...outcomes.values()].some((results) => [...results.values()].some((result) => result.failed > 0));
  if (failed) process.exitCode = 1;
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
