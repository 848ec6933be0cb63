import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Finished, Installation } from './installation';

export interface SuiteResult {
  passed: number;
  failed: number;
  skipped: number;
  /** What to show where something failed. */
  output: string;
}

/** What every installation has to pass; the tests of SQL Server where there is one. */
export const suites: Readonly<Record<string, (installation: Installation) => Promise<SuiteResult>>> = {
  conformance: (installation) => runTests(installation, 'conformance'),
  crash: (installation) => runTests(installation, 'crash'),
  http: (installation) => runTests(installation, 'http'),
  example: (installation) => runTests(installation, 'example'),
  drivers: (installation) => runTests(installation, 'drivers'),
  types: compileConsumers,
  ...(process.env.TEST_MSSQL_URL && { server: (installation) => runTests(installation, 'server') }),
};

async function runTests(installation: Installation, suite: string): Promise<SuiteResult> {
  const vitest = [
    'node_modules/vitest/vitest.mjs',
    'run',
    '--config',
    'test/compat/vitest.config.mts',
    `test/${suite}/`,
  ];
  const { output, exitCode } = await installation.run(vitest);
  const file = join(installation.folder, 'test-results/compat.json');
  // Without one it broke off before its end.
  if (!existsSync(file)) return { passed: 0, failed: 1, skipped: 0, output };
  const { passed, failed, skips } = JSON.parse(readFileSync(file, 'utf8')) as {
    passed: number;
    failed: number;
    skips: unknown[];
  };
  return { passed, failed: exitCode === 0 ? failed : Math.max(failed, 1), skipped: skips.length, output };
}

/** Errors in what other packages declare are theirs: some name types of optional peers that are not there. */
const ours = (line: string) =>
  /\berror TS/.test(line) && (!line.includes('node_modules/') || line.includes('node_modules/typeorm-audit-trail/'));

/** An application's code against the declarations, each file as an ESM and as a CommonJS module. */
async function compileConsumers(installation: Installation): Promise<SuiteResult> {
  const tsc = ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.types.json'];
  const { output, exitCode }: Finished = await installation.run(tsc);
  const errors = output.split('\n').filter(ours);
  const isBroken = exitCode !== 0 && !/\berror TS/.test(output);
  return {
    passed: errors.length > 0 || isBroken ? 0 : 6,
    failed: errors.length + Number(isBroken),
    skipped: 0,
    output,
  };
}
