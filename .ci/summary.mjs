// Prints the coverage figure, the skipped tests with their reasons and, last, the counts of all test runs together.
// Arguments: the summaries that test/support/summary-reporter.mts wrote, one a run. Exits 1 when a run left none.
import { existsSync, readFileSync } from 'node:fs';

const readJson = (file) => JSON.parse(readFileSync(file, 'utf8'));
/** Reasons that name a variable: what to set, so that the tests run. Many tests have the same one. */
const switchedOff = new Map();
let passed = 0;
let failed = 0;
let skipped = 0;

const coverage = 'coverage/coverage-summary.json';
if (existsSync(coverage)) {
  const { lines, branches } = readJson(coverage).total;
  console.log(`coverage of src: ${lines.pct} % of lines, ${branches.pct} % of branches`);
}

for (const file of process.argv.slice(2)) {
  if (!existsSync(file)) {
    console.log(`${file} is missing: that run broke off before its end; counted as one failed test`);
    failed += 1;
    process.exitCode = 1;
    continue;
  }
  const run = readJson(file);
  console.log(`${file}: ${run.passed} passed, ${run.failed} failed, ${run.skips.length} skipped`);
  for (const { name, reason } of run.skips) {
    console.log(`  skipped: ${name}: ${reason ?? 'no reason given'}`);
    if (/\bset [A-Z_]+/.test(reason)) switchedOff.set(reason, (switchedOff.get(reason) ?? 0) + 1);
  }
  passed += run.passed;
  failed += run.failed;
  skipped += run.skips.length;
}

for (const [reason, tests] of switchedOff) console.log(`NOT RUN: ${tests} tests, ${reason}`);
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
