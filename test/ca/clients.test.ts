/** Clients of other makers: each accepts a leaf within the constraints and refuses one outside, name or address. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { type CertificateAuthority, openAuthority } from '../../src/ca/authority.ts';
import { serve, temporaryDirectory } from './support.ts';
import { curl, type Finished, javac, python, run } from './tools.ts';

interface Client {
  readonly name: string;
  readonly present: string | undefined;
  /** Calls `https://host/` at a port of 127.0.0.1, trusting the CA alone; exit code 0 when the answer came. */
  readonly call: (host: string, port: number, authority: CertificateAuthority) => Promise<Finished>;
  /** What it says of a leaf outside the constraints. */
  readonly refusal: RegExp;
}

const PYTHON = `
import socket, ssl, sys
host, port, ca = sys.argv[1], int(sys.argv[2]), sys.argv[3]
context = ssl.create_default_context(cafile=ca)
with socket.create_connection(('127.0.0.1', port)) as raw:
    with context.wrap_socket(raw, server_hostname=host) as tls:
        tls.sendall(b'GET / HTTP/1.1\\r\\n\\r\\n')
        print(tls.recv(100))
`;

const JAVA = `
import java.io.*; import java.net.*; import java.security.*; import java.security.cert.*; import javax.net.ssl.*;
public class Check {
  public static void main(String[] args) throws Exception {
    KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
    trusted.load(null, null);
    try (InputStream in = new FileInputStream(args[2])) {
      trusted.setCertificateEntry("ca", CertificateFactory.getInstance("X.509").generateCertificate(in));
    }
    TrustManagerFactory managers = TrustManagerFactory.getInstance("PKIX");
    managers.init(trusted);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, managers.getTrustManagers(), null);
    Socket raw = new Socket("127.0.0.1", Integer.parseInt(args[1]));
    SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket(raw, args[0], 443, true);
    SSLParameters parameters = socket.getSSLParameters();
    parameters.setEndpointIdentificationAlgorithm("HTTPS");
    socket.setSSLParameters(parameters);
    socket.getOutputStream().write("GET / HTTP/1.1\\r\\n\\r\\n".getBytes());
    System.out.println(socket.getInputStream().read());
  }
}
`;

let compiledJava: Promise<string> | undefined;

/** Once for all tests of this file. @returns the class path */
async function compileJava(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'aep-ca-java-'));
  await writeFile(join(directory, 'Check.java'), JAVA);
  await run(javac!, ['-d', directory, join(directory, 'Check.java')]);
  return directory;
}

afterAll(async () => {
  const classes = await compiledJava;
  if (classes) await rm(classes, { recursive: true, force: true });
});

const clients: Client[] = [
  {
    name: 'curl',
    present: curl,
    call: (host, port, { certificatePath }) => {
      const connect = ['--connect-to', `::127.0.0.1:${port}`, '--cacert', certificatePath];
      return run(curl!, [
        '-sS',
        '--noproxy',
        '*',
        ...connect,
        `https://${host.includes(':') ? `[${host}]` : host}/`,
      ]);
    },
    refusal: /permitted subtree violation|excluded subtree violation/,
  },
  {
    name: 'Python',
    present: python,
    call: (host, port, { certificatePath }) =>
      run(python!, ['-c', PYTHON, host, String(port), certificatePath]),
    refusal: /permitted subtree violation|excluded subtree violation/,
  },
  {
    name: 'Java',
    present: javac,
    call: async (host, port, { certificatePath }) => {
      const classes = await (compiledJava ??= compileJava());
      return run('java', ['-cp', classes, 'Check', host, String(port), certificatePath]);
    },
    refusal: /violate the name constraints|name constraints/i,
  },
];

describe.each(clients)('$name', ({ present, call, refusal }) => {
  test.skipIf(!present).each([
    { targets: ['api.anthropic.com'], inside: 'api.anthropic.com', outside: 'example.com' },
    { targets: ['api.anthropic.com', '127.0.0.1'], inside: '127.0.0.1', outside: '10.0.0.1' },
    { targets: ['api.anthropic.com', '::1'], inside: '::1', outside: '127.0.0.1' },
    { targets: ['127.0.0.1'], inside: '127.0.0.1', outside: 'api.anthropic.com' },
  ])(
    'targets $targets: accepts $inside, refuses $outside',
    { timeout: 60_000 },
    async ({ targets, inside, outside }) => {
      const stateDir = await temporaryDirectory();
      const authority = await openAuthority({ stateDir, targets });
      const good = await serve(() => authority.secureContext(inside));
      const accepted = await call(inside, good.port, authority);
      expect(accepted).toMatchObject({ code: 0 });
      const bad = await serve(() => authority.secureContext(outside));
      const refused = await call(outside, bad.port, authority);
      expect(refused.code).not.toBe(0);
      expect(refused.output).toMatch(refusal);
    },
  );
});

test.runIf(process.env.CI && process.platform === 'linux')('curl is there on CI', () => {
  expect(curl).toBe('curl');
});
