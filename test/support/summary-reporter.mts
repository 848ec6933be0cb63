import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Reporter, SerializedError, TestCase, TestModule } from 'vitest/node';

interface Skip {
  name: string;
  reason: string | null;
}

/**
 * Announces each skipped test with its reason after the run, and writes the counts to a file for `.ci/run`.
 *
 * In CI a skip without a reason fails the run: a test that silently never runs proves nothing. Give the reason where
 * the test is skipped: `ctx.skip('no SQL Server: set TEST_MSSQL_URL')`.
 */
export class SummaryReporter implements Reporter {
  constructor(private readonly file: string) {}

  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly SerializedError[]): void {
    let passed = 0;
    // An error outside any test fails the run as well, so it counts.
    let failed = unhandledErrors.length;
    const skips: Skip[] = [];

    for (const module of modules) {
      // A file that can't be loaded, or whose hooks fail, has errors but perhaps no failed test.
      let failedHere = 0;
      for (const test of module.children.allTests()) {
        const result = test.result();
        if (result.state === 'passed') passed += 1;
        else if (result.state === 'failed') failedHere += 1;
        else if (result.state === 'skipped') {
          const reason = result.note ?? (suiteBroke(test) ? 'a hook of its suite failed' : null);
          skips.push({ name: `${module.relativeModuleId} > ${test.fullName}`, reason });
        }
      }
      failed += module.state() === 'failed' ? Math.max(failedHere, 1) : failedHere;
    }

    for (const { name, reason } of skips) console.log(`skipped: ${name}: ${reason ?? 'no reason given'}`);
    if (process.env.CI === 'true' && skips.some(({ reason }) => reason === null)) {
      console.error('A skipped test gives no reason; see test/support/summary-reporter.mts.');
      process.exitCode = 1;
    }

    mkdirSync(dirname(this.file), { recursive: true });
    writeFileSync(this.file, `${JSON.stringify({ passed, failed, skips }, null, 2)}\n`);
  }
}

/** Whether a suite around the test, or its file, has errors of its own. */
function suiteBroke(test: TestCase): boolean {
  for (let parent = test.parent; ; parent = parent.parent) {
    if (parent.errors().length > 0) return true;
    if (parent.type === 'module') return false;
  }
}
