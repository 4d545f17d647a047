import { defineConfig } from 'vitest/config';

/** Claude Code against every row: half a minute. `AEP_WRITE=1` writes the document. */
export default defineConfig({
  test: {
    root: new URL('../../..', import.meta.url).pathname,
    include: ['test/behaviour/claude-code/*.check.ts'],
    testTimeout: 30_000,
    hookTimeout: 600_000,
    pool: 'forks',
  },
});
