import { defineConfig } from 'vitest/config';

/** The whole matrix of clients: needs a Python with `anthropic`, and about a minute. `AEP_WRITE=1` writes the document. */
export default defineConfig({
  test: {
    include: ['test/behaviour/**/*.spec.ts'],
    testTimeout: 60_000,
    hookTimeout: 300_000,
    pool: 'forks',
  },
});
