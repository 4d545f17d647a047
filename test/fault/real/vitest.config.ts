import { defineConfig } from 'vitest/config';

/** A real fault, named by FAULT_BIN or found on the PATH; without one, everything is skipped and says so. */
export default defineConfig({
  test: {
    root: new URL('../../..', import.meta.url).pathname,
    include: ['test/fault/real/*.check.ts'],
    testTimeout: 60_000,
    fileParallelism: false,
    pool: 'forks',
  },
});
