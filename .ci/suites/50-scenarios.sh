# Every scenario whole against the Python SDK, and Claude Code in some, with docs/scenarios-claude-code.md checked against what it does.
suite 'scenarios against Python and Claude Code' npx vitest run --config test/scenarios/vitest.config.ts
