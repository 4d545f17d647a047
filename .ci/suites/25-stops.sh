# Runs that wait for their calls when they are stopped; and workers killed under traffic, fifty times: each run ends in time and tells all.
suite 'stops' npx vitest run --config test/cli/vitest.config.ts
