# Python through a CONNECT proxy, by http.client or the SDK.
# Arguments: the way (`http` or `sdk`), the TLS version, the client's timeout in seconds, then one word per call: the
# proxy's port; `PORT+MS` calls a second time on the same connection, so long after the first. Prints a line of JSON
# per word: a list of the error that reached the program and what caused it, outermost first; empty when all went well.
import http.client
import json
import ssl
import sys
import time

way, version, seconds, *words = sys.argv[1:]
BODY = {"model": "claude-opus-5-5", "max_tokens": 64, "messages": [{"role": "user", "content": "Say hello."}]}
HEADERS = {"content-type": "application/json", "x-api-key": "sk-ant-dummy", "anthropic-version": "2023-06-01"}


def tls():
    context = ssl.create_default_context()
    context.minimum_version = context.maximum_version = getattr(ssl.TLSVersion, "TLSv" + version.replace(".", "_"))
    return context


def by_http(port):
    connection = http.client.HTTPSConnection("127.0.0.1", port, timeout=float(seconds), context=tls())
    connection.set_tunnel("api.anthropic.com", 443)

    def call():
        connection.request("POST", "/v1/messages", json.dumps(BODY), HEADERS)
        connection.getresponse().read()

    return call


def by_sdk(port):
    import anthropic

    transport = anthropic.DefaultHttpxClient(proxy=f"http://127.0.0.1:{port}", verify=tls())
    client = anthropic.Anthropic(max_retries=0, timeout=float(seconds), http_client=transport)
    return lambda: client.messages.create(**BODY)


def words_of(error):
    name = type(error).__name__
    if isinstance(error, ssl.SSLCertVerificationError):
        return f'{name} "{error.verify_message}"'
    if isinstance(error, ssl.SSLError) and error.reason:
        return f"{name} {error.reason}"
    plain = isinstance(error, ConnectionError) and not isinstance(error, http.client.RemoteDisconnected)
    if plain or isinstance(error, (TimeoutError, http.client.IncompleteRead)):
        return name
    return f'{name} "{error}"' if str(error) else name


def chain(error):
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return [words_of(error)] + (chain(cause) if cause else [])


for word in words:
    port, _, pause = word.partition("+")
    said = []
    try:
        call = by_http(int(port)) if way == "http" else by_sdk(int(port))
        call()
        if pause:
            time.sleep(int(pause) / 1000)
            call()
    except Exception as error:
        said = chain(error)
    print(json.dumps(said), flush=True)
