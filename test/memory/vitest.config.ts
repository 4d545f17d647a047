import { defineConfig } from 'vitest/config';

/** What a proxy of its own process takes for inputs of half a gigabyte: a minute or so, in CI alone. */
export default defineConfig({
  test: {
    root: new URL('../..', import.meta.url).pathname,
    include: ['test/memory/*.check.ts'],
    testTimeout: 60_000,
    // When V8 collects garbage differs from run to run by some 20 MB: a case over the limit is weighed anew, in another process.
    retry: 2,
    pool: 'forks',
    globalSetup: 'test/support/run-folder.ts',
  },
});
