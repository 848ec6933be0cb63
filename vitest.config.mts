import { defineConfig, mergeConfig } from 'vitest/config';
import { sharedConfig } from './vitest.shared.mjs';

export default mergeConfig(
  sharedConfig('unit'),
  defineConfig({
    test: {
      include: ['test/**/*.test.ts'],
      exclude: ['test/package/installed.test.ts'],
      coverage: {
        // In CI the one run of `npm test` gives the figure too.
        enabled: process.env.CI === 'true',
        provider: 'v8',
        include: ['src/**/*.ts'],
        reporter: ['text-summary', 'lcov', 'json-summary'],
        reportOnFailure: true,
      },
    },
  }),
);
