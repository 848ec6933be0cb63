import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { SummaryReporter } from '../support/summary-reporter.mjs';

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

/** Copied with the suites into an installation: what the suites import from `src` is there what the package brings, compiled. */
export default defineConfig({
  resolve: {
    alias: [
      { find: /^(?:\.\.\/)+src\/(.*)$/, replacement: path('../../node_modules/typeorm-audit-trail/dist/src/$1.js') },
    ],
  },
  test: {
    include: ['test/**/*.test.ts'],
    exclude: process.env.TEST_MSSQL_URL ? [] : ['test/**/*.mssql.test.ts'],
    pool: 'forks',
    testTimeout: 30_000,
    hookTimeout: 30_000,
    reporters: ['default', new SummaryReporter(path('../../test-results/compat.json'))],
  },
});
