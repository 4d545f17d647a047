# As probe.mjs, for Python's ssl.
import socket
import ssl
import sys

context = ssl.create_default_context(cafile=sys.argv[1])
pairs = sys.argv[2:]
for host, port in zip(pairs[::2], pairs[1::2]):
    try:
        with socket.create_connection(("127.0.0.1", int(port))) as raw:
            with context.wrap_socket(raw, server_hostname=host) as tls:
                tls.sendall(b"GET / HTTP/1.1\r\n\r\n")
                print("ok" if tls.recv(100) else "empty")
    except Exception as error:
        print(str(error) or repr(error))
