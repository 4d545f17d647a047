import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    exclude: ['test/fault/real/**', 'test/clients/ci/**', 'node_modules/**'],
    testTimeout: 20_000,
    pool: 'forks',
    execArgv: ['--expose-gc'],
  },
});
