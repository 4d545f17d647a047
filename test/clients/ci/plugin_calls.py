"""Calls all six RPCs of the plugin by code that grpcio-tools makes of our proto, bad messages included.

Usage: python plugin_calls.py PORT FOLDER_OF_GENERATED_CODE; prints one line of JSON: name of the call -> what came of it.
"""

import json
import sys

port, generated = sys.argv[1:]
sys.path.insert(0, generated)

import grpc  # noqa: E402
import plugin_pb2 as pb  # noqa: E402
import plugin_pb2_grpc as rpc  # noqa: E402

channel = grpc.insecure_channel(f"127.0.0.1:{port}", options=[("grpc.max_send_message_length", -1)])
plugin = rpc.PluginServiceStub(channel)
seen = {}


def told(name, call, request, show):
    try:
        seen[name] = show(call(request, timeout=10))
    except grpc.RpcError as error:
        seen[name] = error.code().name


def tunnel(name, **fields):
    told(name, plugin.ProcessTunnelData, pb.ProcessTunnelDataRequest(**fields), lambda r: r.WhichOneof("action"))


message = pb.HttpRequest(
    method="POST",
    path="/v1/messages?beta=true",
    headers=[pb.HttpHeader(name="host", value="api.anthropic.com")],
    body=b"{}",
)
told("health", plugin.HealthCheck, pb.HealthCheckRequest(), lambda r: r.healthy)
told("info", plugin.GetPluginInfo, pb.GetPluginInfoRequest(), lambda r: [r.name, r.side, r.direction])
told(
    "capabilities",
    plugin.GetPluginCapabilities,
    pb.GetPluginCapabilitiesRequest(),
    lambda r: [r.can_handle_http_forward, r.can_handle_tunnel, list(r.protocols)],
)
told(
    "request",
    plugin.ProcessHttpRequest,
    pb.ProcessHttpRequestRequest(request=message),
    lambda r: [r.action, r.abort_response.status_code],
)
told(
    "response",
    plugin.ProcessHttpResponse,
    pb.ProcessHttpResponseRequest(response=pb.HttpResponse(status_code=200, body=b"hello")),
    lambda r: {h.name.lower(): h.value for h in r.modified_response.headers}.get("content-length"),
)
told("request without a request", plugin.ProcessHttpRequest, pb.ProcessHttpRequestRequest(), lambda r: r.action)
tunnel("answer of an unknown tunnel", id="unknown", side=1, direction=0, chunk=b"HTTP/1.1 200 OK\r\n\r\n")
tunnel("empty block", id="empty", side=1, direction=1, chunk=b"")
tunnel("huge block", id="huge", side=1, direction=1, chunk=b"x" * 6_000_000)
tunnel("wrong side", id="wrong", side=0, direction=0, chunk=b"\x16\x03\x01")
tunnel("no id", id="", side=1, direction=0, chunk=b"x")
tunnel("upstream first", id="order", side=1, direction=0, chunk=b"\x16\x03\x03\x00\x01\x02")
tunnel("client second", id="order", side=1, direction=1, chunk=b"GET / HTTP/1.1\r\n\r\n")
told("health afterwards", plugin.HealthCheck, pb.HealthCheckRequest(), lambda r: r.healthy)
print(json.dumps(seen))
