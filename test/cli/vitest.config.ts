import { defineConfig } from 'vitest/config';

/** Runs that are stopped and wait for their calls, and fifty runs with killed workers: in CI alone. */
export default defineConfig({
  test: {
    root: new URL('../..', import.meta.url).pathname,
    include: ['test/cli/**/*.check.ts'],
    pool: 'forks',
    globalSetup: 'test/support/run-folder.ts',
  },
});
