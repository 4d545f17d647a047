"""What mitmproxy is told to do: inject an error, or stream server-sent events as its documentation recommends."""

import os

from mitmproxy import http

BODY = os.environ["BENCH_BODY"].encode()
HEADERS = {
    "content-type": "application/json",
    "request-id": "req_011CSHoEeqs5C35K2UUqR7Fy",
    "x-should-retry": "true",
}


class Inject:
    def request(self, flow: http.HTTPFlow) -> None:
        flow.response = http.Response.make(529, BODY, HEADERS)


class Stream:
    def responseheaders(self, flow: http.HTTPFlow) -> None:
        if flow.response.headers.get("content-type", "").startswith("text/event-stream"):
            flow.response.stream = True


addons = [Inject() if os.environ["BENCH_TASK"] == "inject" else Stream()]
