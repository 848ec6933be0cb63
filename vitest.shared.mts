import { fileURLToPath } from 'node:url';
import type { ViteUserConfig } from 'vitest/config';
import { SummaryReporter } from './test/support/summary-reporter.mjs';

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

/** What both test runs share; `name` is that of the run's summary under `test-results/`. */
export function sharedConfig(name: string): ViteUserConfig {
  return {
    resolve: {
      // Tests and the example import the library by its name; here that is the source, so that no build can be stale.
      alias: [
        { find: /^typeorm-audit-trail\/fastify$/, replacement: path('src/http/plugin.ts') },
        { find: /^typeorm-audit-trail\/testing$/, replacement: path('src/testing/testing.ts') },
        // Node runs no TypeScript in a thread: the program of a reader is compiled before the tests.
        { find: /^\.\/worker-file$/, replacement: path('test/support/worker-file.ts') },
        { find: /^typeorm-audit-trail$/, replacement: path('src/index.ts') },
      ],
    },
    test: {
      globalSetup: path('test/support/compile-worker.mts'),
      // better-sqlite3 is a native addon, and AsyncLocalStorage, signals and exit codes belong to a process.
      pool: 'forks',
      testTimeout: 30_000,
      hookTimeout: 30_000,
      reporters: ['default', new SummaryReporter(path(`test-results/${name}.json`))],
    },
  };
}
