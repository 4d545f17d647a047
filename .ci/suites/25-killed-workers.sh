# Workers killed under traffic, fifty times: each run ends in time, with an error, and tells what it knows.
suite 'killed workers' npx vitest run --config test/cli/workers/vitest.config.ts
