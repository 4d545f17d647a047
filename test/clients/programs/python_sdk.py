# The Python SDK, as most programs use it. Makes the calls that the command line names (see calls.mjs).
import json
import sys

import anthropic

for word in sys.argv[1:]:
    way, retry = word.split("-")
    client = anthropic.Anthropic(max_retries=2 if retry == "retry" else 0)
    request = {
        "model": "claude-opus-5-5",
        "max_tokens": 256,
        "messages": [{"role": "user", "content": "Say hello."}],
    }
    try:
        if way == "stream":
            with client.messages.stream(**request) as stream:
                text = "".join(stream.text_stream)
        else:
            text = "".join(block.text for block in client.messages.create(**request).content)
        report = {"ok": True, "text": text}
    except anthropic.APIStatusError as error:
        report = {"ok": False, "error": {"name": type(error).__name__, "status": error.status_code}}
    print(json.dumps(report), flush=True)
