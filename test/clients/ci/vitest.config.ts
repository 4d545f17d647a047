/** Clients that npm does not bring: run by CI alone, since each is installed first (from PyPI, the Go proxy, npm). */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/clients/ci/**/*.test.ts'],
    root: new URL('../../..', import.meta.url).pathname,
    testTimeout: 60_000,
    hookTimeout: 300_000,
    pool: 'forks',
  },
});
