# Inputs of half a gigabyte, of every sort that could be held or decoded: a proxy's memory stays where it was.
suite 'memory of a proxy' npx vitest run --config test/memory/vitest.config.ts
