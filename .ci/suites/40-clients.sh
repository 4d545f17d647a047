# Clients that npm test does not bring: Python, Go, Java, PHP, wget, Deno, Claude Code, and fetch on other Nodes. Each is installed first, under .clients/ and .nodes/, or from Debian where the machine lacks it.
debian=()
command -v javac >/dev/null || debian+=(default-jdk-headless)
command -v wget >/dev/null || debian+=(wget)
php -m 2>/dev/null | grep -qx curl || debian+=(php-cli php-curl)
if [ ${#debian[@]} -gt 0 ]; then
  { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${debian[@]}"; } >/dev/null || true
fi
suite 'clients from PyPI, the Go proxy, npm and Debian' npx vitest run --config test/clients/ci/vitest.config.ts
