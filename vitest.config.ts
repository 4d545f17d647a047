import { availableParallelism } from 'node:os';
import { configDefaults, defineConfig } from 'vitest/config';

/** Files that measure a process of their own, or replace modules of it. */
const ALONE = [
  'test/soak/**/*.test.ts',
  'test/memory/**/*.test.ts',
  'test/wire/large.test.ts',
  'test/ca/no-hard-links.test.ts',
  'test/cli/ready-refused.test.ts',
  'test/observe/recorder-failure.test.ts',
];

/** Run once more with Node's own reads (`src/engine/transport/fast-read/fast-read.ts`); CI runs all wire tests so. */
const BOTH_WAYS = [
  'src/engine/transport/**/*.test.ts',
  'test/wire/{absolute-form-host,connect,early-leave,injected,pass-through}.test.ts',
];

export default defineConfig({
  test: {
    testTimeout: 20_000,
    pool: 'forks',
    globalSetup: 'test/support/run-folder.ts',
    // One for each core, and one for when another waits, as half of what tests do is.
    maxWorkers: availableParallelism() + 1,
    coverage: { reportsDirectory: '.ci-work/coverage' },
    execArgv: ['--expose-gc'],
    // What is waited for is mostly there at once: the usual 50 ms would be most of what the suite takes. On a busy machine it
    // takes longer than the usual second.
    expect: { poll: { interval: 2, timeout: 15_000 } },
    projects: [
      {
        extends: true,
        test: {
          name: 'shared',
          include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
          exclude: [...configDefaults.exclude, 'test/fault/real/**', 'test/clients/ci/**', ...ALONE],
          // A process runs one file after another: to start one for each, and to load the code anew, took a third of the time.
          isolate: false,
        },
      },
      { extends: true, test: { name: 'alone', include: ALONE } },
      {
        extends: true,
        test: {
          name: 'plain reads',
          include: BOTH_WAYS,
          isolate: false,
          env: { ANTHROPIC_ERROR_PLUGIN_FAST_READ: 'off' },
        },
      },
    ],
  },
});
