# Claude Code against faults, and docs/claude-code.md checked against what it does. The suite installs it, pinned, in .clients/.
suite 'Claude Code against faults' npx vitest run --config test/behaviour/claude-code/vitest.config.ts
