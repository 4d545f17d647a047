import { defineConfig } from 'vitest/config';

/** What CI adds to the scenarios: the Python SDK and Claude Code, installed under `.clients/`. `AEP_WRITE=1` writes the document. */
export default defineConfig({
  test: {
    root: new URL('../..', import.meta.url).pathname,
    include: ['test/scenarios/**/*.check.ts'],
    testTimeout: 60_000,
    hookTimeout: 600_000,
    fileParallelism: false,
    pool: 'forks',
  },
});
