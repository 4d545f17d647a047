import { defineConfig } from 'vitest/config';

/** Fifty runs with killed workers: in CI alone. */
export default defineConfig({
  test: {
    root: new URL('../../..', import.meta.url).pathname,
    include: ['test/cli/workers/*.check.ts'],
    pool: 'forks',
  },
});
