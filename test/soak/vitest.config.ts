import { defineConfig } from 'vitest/config';

/** The long soak, with every fault there is: under a minute, in CI alone. */
export default defineConfig({
  test: {
    root: new URL('../..', import.meta.url).pathname,
    include: ['test/soak/*.check.ts'],
    pool: 'forks',
    execArgv: ['--expose-gc'],
  },
});
