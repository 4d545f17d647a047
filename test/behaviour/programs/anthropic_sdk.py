"""The Python package anthropic: raw stream, stream helper, and the call without a stream.

Same protocol as serve.mjs: says {"ready": versions}, reads a call per line, prints {"id", "report"} as each ends.
"""
import json
import sys
import threading

import anthropic

MODEL = "claude-opus-5-5"
PROMPT = "Tell me something. words=60"
KNOWN = {
    "message_start",
    "content_block_start",
    "content_block_delta",
    "content_block_stop",
    "message_delta",
    "message_stop",
    "ping",
}
printing = threading.Lock()
kept = {}


def request(call):
    content = PROMPT + " " * call.get("pad", 0)
    return {"model": MODEL, "max_tokens": 1024, "messages": [{"role": "user", "content": content}]}


def client_for(call):
    if not call.get("keep"):
        return new_client(call)
    key = (call["url"], call.get("timeoutMs"), call.get("retries"))
    with printing:
        if key not in kept:
            kept[key] = new_client(call)
        return kept[key]


def new_client(call):
    timeout = call.get("timeoutMs")
    options = {"timeout": timeout / 1000} if timeout else {}
    if "retries" in call:
        options["max_retries"] = call["retries"]
    return anthropic.Anthropic(api_key="sk-ant-dummy", base_url=call["url"], **options)


def raw(seen, call):
    for event in client_for(call).messages.create(**request(call), stream=True):
        if event.type == "message_start":
            if seen["returned"] == "events":
                seen["notes"].append("yields the second message_start")
            seen["returned"] = "events"
        if event.type == "message_delta":
            seen["stop"] = event.delta.stop_reason
        if event.type == "content_block_delta":
            if event.delta.type == "text_delta":
                seen["text"] += event.delta.text
            else:
                seen["notes"].append(f"yields {event.delta.type}")
            if event.index > 0:
                seen["notes"].append("yields the delta without a block")
        if event.type not in KNOWN:
            seen["notes"].append(f"yields {event.type}")


def helper(seen, call):
    with client_for(call).messages.stream(**request(call)) as stream:
        for text in stream.text_stream:
            seen["text"] += text
        message = stream.get_final_message()
    seen["returned"] = "message"
    seen["text"] = text_of(message)
    seen["stop"] = message.stop_reason


def whole(seen, call):
    answer = client_for(call).messages.create(**request(call))
    if isinstance(answer, str):
        seen["returned"] = "string"
        return
    seen["returned"] = answer.type
    seen["text"] = text_of(answer)
    seen["stop"] = answer.stop_reason


def text_of(message):
    return "".join(getattr(block, "text", "") for block in message.content or [])


def describe(error):
    return {
        "name": type(error).__name__,
        "status": getattr(error, "status_code", None),
        "type": getattr(error, "type", None),
        "message": str(error),
    }


def show(line):
    with printing:
        print(json.dumps(line), flush=True)


def answer(call):
    seen = {"returned": "nothing", "text": "", "stop": None, "notes": []}
    try:
        {"raw": raw, "helper": helper, "whole": whole}[call["way"]](seen, call)
    except Exception as error:
        seen["error"] = describe(error)
    show({"id": call["id"], "report": seen})


show({"ready": {"anthropic (Python)": anthropic.__version__}})
for line in sys.stdin:
    threading.Thread(target=answer, args=(json.loads(line),), daemon=True).start()
