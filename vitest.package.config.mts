import { defineConfig, mergeConfig } from 'vitest/config';
import { sharedConfig } from './vitest.shared.mjs';

/** The packed tarball in an empty project: a run of its own, since it installs from the registry and compiles a driver. */
export default mergeConfig(
  sharedConfig('package'),
  defineConfig({
    test: {
      include: ['test/package/installed.test.ts'],
      hookTimeout: 600_000,
    },
  }),
);
