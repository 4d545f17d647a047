# Clients that npm test does not bring: Python, Go, Claude Code, and fetch on other Nodes. Each is installed first, under .clients/ and .nodes/.
suite 'clients from PyPI, the Go proxy and npm' npx vitest run --config test/clients/ci/vitest.config.ts
