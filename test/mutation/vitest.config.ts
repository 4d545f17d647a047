import { defineConfig } from 'vitest/config';

/** What `npm run mutants` runs against each mutant: only the tests that need no socket, and no proxy. */
export default defineConfig({
  test: {
    testTimeout: 20_000,
    pool: 'forks',
    include: ['src/core/**/*.test.ts', 'src/engine/call/*.test.ts', 'test/codec/round-trip.test.ts'],
    // A mutant is switched on in a process that has loaded the code already.
    isolate: false,
  },
});
