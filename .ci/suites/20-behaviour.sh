# Real clients against every fault, and docs/client-behaviour.md checked against what they do. Python comes in a venv of its own.
behaviour_python=.ci-work/python/bin/python
if ! "$behaviour_python" -c 'import anthropic, sys; sys.exit(anthropic.__version__ != "1.13.0")' 2>/dev/null; then
  python3 -m venv .ci-work/python && "$behaviour_python" -m pip install --quiet anthropic==1.13.0
fi
suite 'clients against every fault' env AEP_PYTHON="$behaviour_python" npx vitest run --config test/behaviour/vitest.config.ts
