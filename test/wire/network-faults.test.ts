/** The network faults on the wire: what a raw tap sees of them, and what curl, Node and Python call them. */
import { execFileSync } from 'node:child_process';
import net from 'node:net';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { bareEnvironment } from '../clients/support/bare-environment.ts';
import { runProgram } from '../clients/support/run-program.ts';
import { fastClock } from '../support/fast-clock.ts';
import { certificateFile } from '../support/modes.ts';
import { ANSWER, behindTap, nodeCall, VERSIONS, type Version } from '../support/network-bench.ts';
import { atEnd } from '../support/proxy.ts';
import { endsWithCloseNotify, type Tap } from '../support/tap.ts';

async function curl(tap: Tap, version: Version, ...options: string[]): Promise<readonly [number, string]> {
  const only = version === 'TLSv1.2' ? ['--tlsv1.2', '--tls-max', '1.2'] : ['--tlsv1.3'];
  const { code, stderr } = await runProgram(
    'curl',
    [
      ...['-sS', '-o', '-', '-x', `http://127.0.0.1:${tap.port}`, '--http1.1', ...only, ...options],
      ...['--cacert', await certificateFile(), 'https://api.anthropic.com/v1/models'],
    ],
    bareEnvironment(),
  );
  return [code ?? -1, stderr.trim()];
}

/** On CI it has to be there; elsewhere its absence shows as skipped tests. */
function hasProgram(name: string): boolean {
  try {
    execFileSync(name, ['--version'], { stdio: 'ignore' });
    return true;
  } catch (error) {
    if (process.env.CI) throw error;
    return false;
  }
}

/** Says how the connection ended, by the name of the exception; an orderly end is SSLZeroReturnError. */
const PYTHON = `
import socket, ssl, sys
port, ca, version = int(sys.argv[1]), sys.argv[2], sys.argv[3]
try:
    raw = socket.create_connection(('127.0.0.1', port), 10)
    raw.sendall(b'CONNECT api.anthropic.com:443 HTTP/1.1\\r\\nHost: api.anthropic.com:443\\r\\n\\r\\n')
    raw.recv(4096)
    context = ssl.create_default_context(cafile=ca)
    context.minimum_version = context.maximum_version = getattr(ssl.TLSVersion, version.replace('.', '_'))
    secure = context.wrap_socket(raw, server_hostname='api.anthropic.com', suppress_ragged_eofs=False)
    secure.sendall(b'GET /v1/models HTTP/1.1\\r\\nHost: api.anthropic.com\\r\\n\\r\\n')
    while True:
        if not secure.recv(65536): print('SSLZeroReturnError'); break
except OSError as error:
    print(type(error).__name__)
`;

async function python(tap: Tap, version: Version): Promise<string> {
  const ca = await certificateFile();
  const args = ['-c', PYTHON, String(tap.port), ca, version];
  const { stdout, stderr } = await runProgram('python3', args, bareEnvironment());
  return stdout.trim() || stderr;
}

describe.each(VERSIONS)('%s: endings told apart', (version) => {
  describe.each(['request', 'head'])('at %s', (at) => {
    it.each([
      ['close', 'FIN', true, /^end$/],
      ['abrupt', 'FIN', false, /^(end|ECONNRESET|close)$/],
      ['half-close', 'FIN', true, /^end$/],
      ['reset', 'RST', false, /^ECONNRESET$/],
    ] as const)('%s: %s, close_notify %s', async (how, end, notify, inNode) => {
      const { proxy, tap } = await behindTap({ kind: 'disconnect', how, at });
      const seen = await nodeCall(tap, version);
      const tapped = await tap.first();
      expect(await tapped.ended).toBe(end);
      expect(endsWithCloseNotify(tapped, version)).toBe(notify);
      expect(seen.text).toBe('');
      expect(seen.how).toMatch(inNode);
      expect(await proxy.event('exchange.ended')).toMatchObject({ how: 'fault-end', cause: 'injected' });
    });
  });

  it.each(['close', 'abrupt', 'half-close', 'reset'] as const)(
    '%s after bytes of the answer: all of them arrive, none more',
    async (how) => {
      const { tap } = await behindTap({ kind: 'disconnect', how, at: { bytes_down: '500B' } });
      const seen = await nodeCall(tap, version);
      const tapped = await tap.first();
      expect(await tapped.ended).toBe(how === 'reset' ? 'RST' : 'FIN');
      expect(endsWithCloseNotify(tapped, version)).toBe(how === 'close' || how === 'half-close');
      expect(seen.text).toHaveLength(500);
    },
  );

  it('hang: no FIN, no RST, no byte, until the client leaves', async () => {
    const { proxy, tap } = await behindTap({ kind: 'disconnect', how: 'hang', at: 'head' });
    void nodeCall(tap, version);
    await proxy.event('fault.applied');
    const tapped = await tap.first();
    const bytes = tapped.received().length;
    // A FIN that comes sooner than HALF_CLOSE_MS after the request is taken for a half-close, not for leaving.
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(tapped.endedSoFar()).toBeUndefined();
    expect(tapped.received()).toHaveLength(bytes);
    tap.leave();
    expect(await proxy.event('exchange.ended')).toMatchObject({ how: 'fault-end', cause: 'injected' });
  });

  it.each([
    ['reset', 'RST', false],
    ['close', 'FIN', true],
    ['abrupt', 'FIN', false],
    ['half-close', 'FIN', true],
  ] as const)('%s of an idle connection comes after a whole answer', async (how, end, notify) => {
    const { proxy, tap } = await behindTap({ kind: 'disconnect', how, at: { idle: '40ms' } });
    const seen = await nodeCall(tap, version);
    const tapped = await tap.first();
    expect(await tapped.ended).toBe(end);
    expect(endsWithCloseNotify(tapped, version)).toBe(notify);
    expect(seen.text).toHaveLength(ANSWER.length);
    expect(await proxy.event('fault.applied')).toMatchObject({
      fault: 'disconnect',
      effect: `${how} after 40 ms idle`,
    });
    expect(await proxy.event('exchange.ended')).toMatchObject({ how: 'complete' });
  });

  describe('before a request', () => {
    it.each([
      ['reset', 'RST', false],
      ['close', 'FIN', true],
      ['abrupt', 'FIN', false],
      ['half-close', 'FIN', true],
    ] as const)('%s after the handshake', async (how, end, notify) => {
      const { proxy, tap } = await behindTap({ kind: 'connect-failure', how, at: 'handshake' });
      await nodeCall(tap, version);
      const tapped = await tap.first();
      expect(await tapped.ended).toBe(end);
      expect(endsWithCloseNotify(tapped, version)).toBe(notify);
      expect(proxy.events.some(({ type }) => type === 'exchange.decided')).toBe(false);
    });

    it.each([
      ['accept', 'reset', 'RST'],
      ['accept', 'close', 'FIN'],
      ['tls-hello', 'reset', 'RST'],
      ['tls-hello', 'close', 'FIN'],
    ] as const)('at %s, %s: not one TLS record', async (at, how, end) => {
      const { tap } = await behindTap({ kind: 'connect-failure', how, at });
      expect((await nodeCall(tap, version)).how).toMatch(
        how === 'reset' ? /^ECONNRESET$/ : /^(end|ECONNRESET)$/,
      );
      const tapped = await tap.first();
      expect(await tapped.ended).toBe(end);
      expect(tapped.records()).toEqual([]);
    });

    it.each(['accept', 'tls-hello', 'handshake'])('hang at %s', async (at) => {
      const { proxy, tap } = await behindTap({ kind: 'connect-failure', how: 'hang', at });
      void nodeCall(tap, version);
      expect(await proxy.event('fault.applied')).toMatchObject({ fault: 'connect-failure' });
      const tapped = await tap.first();
      await new Promise((resolve) => setTimeout(resolve, 50));
      expect(tapped.endedSoFar()).toBeUndefined();
      tap.leave();
      expect(await tapped.ended).toBe('FIN');
      expect(proxy.events.some(({ type }) => type === 'exchange.decided')).toBe(false);
    });
  });

  it.each([
    ['expired', 'CERT_HAS_EXPIRED'],
    ['wrong-host', 'ERR_TLS_CERT_ALTNAME_INVALID'],
    ['untrusted', /UNABLE_TO|SELF_SIGNED/],
    ['self-signed', 'DEPTH_ZERO_SELF_SIGNED_CERT'],
    ['old-protocol', /PROTOCOL_VERSION/],
    ['alert', /HANDSHAKE_FAILURE/],
  ] as const)('tls, %s', async (flaw, inNode) => {
    const { proxy, tap } = await behindTap({ kind: 'tls', flaw });
    expect((await nodeCall(tap, version)).how).toMatch(inNode);
    const alone = flaw === 'alert' || flaw === 'old-protocol';
    expect((await tap.first()).records()[0]).toMatchObject(alone ? { type: 21, length: 2 } : { type: 22 });
    expect(await proxy.event('fault.applied')).toMatchObject({ fault: 'tls' });
  });
});

/** What a client that is installed here calls a fault: curl by exit code and words, Python by exception. */
describe.skipIf(!(hasProgram('curl') && hasProgram('python3'))).each(VERSIONS)(
  '%s: as curl and Python name it',
  (version) => {
    it.each<readonly [object, readonly number[], RegExp, RegExp]>([
      [{ kind: 'disconnect', how: 'close' }, [52], /Empty reply/, /^SSLZeroReturnError$/],
      // Which of its two codes curl gives, and whether Python tells an RST apart, depends on their versions.
      [{ kind: 'disconnect', how: 'abrupt' }, [52, 56], /Empty reply|unexpected eof/, /^SSLEOFError$/],
      [{ kind: 'disconnect', how: 'half-close' }, [52], /Empty reply/, /^SSLZeroReturnError$/],
      [{ kind: 'disconnect' }, [56], /reset by peer/, /^(ConnectionResetError|SSLEOFError)$/],
      [{ kind: 'connect-failure' }, [35], /reset by peer/, /^(ConnectionResetError|SSLEOFError)$/],
      [{ kind: 'connect-failure', at: 'tls-hello', how: 'close' }, [35], /SSL|TLS/, /^SSLEOFError$/],
      [{ kind: 'tls', flaw: 'expired' }, [60], /expired/, /^SSLCertVerificationError$/],
      [{ kind: 'tls', flaw: 'wrong-host' }, [60], /no alternative/, /^SSLCertVerificationError$/],
      [{ kind: 'tls', flaw: 'untrusted' }, [60], /unable to get|self-signed/, /^SSLCertVerificationError$/],
      [{ kind: 'tls', flaw: 'self-signed' }, [60], /self-signed/, /^SSLCertVerificationError$/],
      [{ kind: 'tls', flaw: 'old-protocol' }, [35], /protocol version/, /^SSLError$/],
      [{ kind: 'tls', flaw: 'alert' }, [35], /handshake failure/, /^SSLError$/],
    ])('%j', async (fault, codes, words, exception) => {
      const { tap } = await behindTap(fault);
      const [code, said] = await curl(tap, version);
      expect(codes, said).toContain(code);
      expect(said).toMatch(words);
      expect(await python(tap, version)).toMatch(exception);
    });

    it.each([
      { kind: 'disconnect', how: 'hang' },
      { kind: 'connect-failure', how: 'hang' },
      { kind: 'connect-failure', how: 'hang', at: 'handshake' },
    ])('%j', async (fault) => {
      const { tap } = await behindTap(fault);
      expect((await curl(tap, version, '--max-time', '1'))[0]).toBe(28);
    });

    it('slow-accept takes longer than a connect timeout allows', async () => {
      const { tap } = await behindTap({ kind: 'slow-accept', delay: '20s' });
      expect((await curl(tap, version, '--connect-timeout', '1'))[0]).toBe(28);
    });
  },
);

const SQUID =
  '\r\nMime-Version: 1.0\r\nContent-Type: text/html;charset=utf-8\r\nX-Squid-Error: %s 0\r\nVary: Accept-Language\r\nContent-Language: en\r\n';

describe('tunnels refused', () => {
  it.each<readonly [object, string, string]>([
    [{ kind: 'refuse-connect' }, '502 Bad Gateway\r\n', ''],
    [{ kind: 'refuse-connect', status: 503, body: 'no way' }, '503 Service Unavailable\r\n', 'no way'],
    [
      { kind: 'refuse-connect', status: 407 },
      '407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm="proxy"\r\n',
      '',
    ],
    [
      { kind: 'dns-failure' },
      '502 Bad Gateway\r\n',
      'Cannot connect to api.anthropic.com:443: [Errno -2] Name or service not known',
    ],
    [
      { kind: 'dns-failure', proxy: 'squid' },
      `503 Service Unavailable\r\nServer: squid/4.10${SQUID.replace('%s', 'ERR_DNS_FAIL')}`,
      'Unable to determine IP address from host name api.anthropic.com</p></body></html>',
    ],
    [
      { kind: 'dns-failure', proxy: 'squid-5' },
      `500 Internal Server Error\r\nServer: squid/5.7${SQUID.replace('%s', 'ERR_CANNOT_FORWARD')}`,
      'Unable to forward this request at this time.</p></body></html>',
    ],
    [
      { kind: 'dns-failure', proxy: 'tinyproxy' },
      '500 Unable to connect\r\nServer: tinyproxy/1.11.1\r\nContent-Type: text/html\r\n',
      'Tinyproxy was unable to connect to the remote web server.</p></body></html>',
    ],
  ])('%j', async (fault, head, body) => {
    const { proxy, tap } = await behindTap(fault);
    const { how, text } = await nodeCall(tap, 'TLSv1.3');
    expect(how).toBe('refused');
    expect(text.startsWith(`HTTP/1.1 ${head}`), text).toBe(true);
    const [, sent = ''] = text.split('\r\n\r\n');
    expect(sent.endsWith(body)).toBe(true);
    expect(text).toContain(`\r\ncontent-length: ${Buffer.byteLength(sent)}\r\n\r\n`);
    expect(await (await tap.first()).ended).toBe('FIN');
    expect(await proxy.event('fault.applied')).toMatchObject({ fault: (fault as { kind: string }).kind });
  });
});

describe.skipIf(!(hasProgram('curl') && hasProgram('python3')))('tunnels refused, as clients name it', () => {
  const URLLIB = `
import sys, urllib.request
opener = urllib.request.build_opener(urllib.request.ProxyHandler({'https': 'http://127.0.0.1:' + sys.argv[1]}))
try:
    opener.open('https://api.anthropic.com/v1/models', timeout=10)
except OSError as error:
    print(error)
`;
  it.each([
    [{ kind: 'refuse-connect' }, '502 Bad Gateway'],
    [{ kind: 'refuse-connect', status: 503 }, '503 Service Unavailable'],
    [{ kind: 'refuse-connect', status: 407 }, '407 Proxy Authentication Required'],
    [{ kind: 'dns-failure' }, '502 Bad Gateway'],
    [{ kind: 'dns-failure', proxy: 'squid' }, '503 Service Unavailable'],
    [{ kind: 'dns-failure', proxy: 'squid-5' }, '500 Internal Server Error'],
    [{ kind: 'dns-failure', proxy: 'tinyproxy' }, '500 Unable to connect'],
  ])('%j', async (fault, status) => {
    const { tap } = await behindTap(fault);
    const code = status.slice(0, 3);
    expect(await curl(tap, 'TLSv1.3')).toEqual([
      56,
      expect.stringMatching(new RegExp(`HTTP code ${code} from proxy after CONNECT|response ${code}`)),
    ]);
    const { stdout } = await runProgram('python3', ['-c', URLLIB, String(tap.port)], bareEnvironment());
    expect(stdout).toContain(`Tunnel connection failed: ${status}`);
  });

  it('a 407 shows its challenge: curl with credentials sends them, and is refused again', async () => {
    const { tap } = await behindTap({ kind: 'refuse-connect', status: 407 });
    const [code, said] = await curl(tap, 'TLSv1.3', '-v', '--proxy-anyauth', '--proxy-user', 'me:secret');
    expect(code).toBe(56);
    expect(said).toContain('< Proxy-Authenticate: Basic realm="proxy"');
    expect(said).toContain(`> Proxy-Authorization: Basic ${Buffer.from('me:secret').toString('base64')}`);
  });
});

it('slow-accept opens the tunnel and lets the handshake wait', async () => {
  const { proxy, tap } = await behindTap({ kind: 'slow-accept', delay: '80ms' });
  const started = performance.now();
  const seen = nodeCall(tap, 'TLSv1.3');
  const applied = await proxy.event('fault.applied');
  expect(applied).toMatchObject({ fault: 'slow-accept', effect: 'delay 80 ms after accept' });
  await proxy.event('exchange.ended');
  expect(performance.now() - started).toBeGreaterThanOrEqual(79);
  await proxy.close(0);
  expect((await seen).text).toBe(ANSWER);
});

describe.each(['reset', 'close'] as const)('without TLS', (how) => {
  it(`${how} at accept`, async () => {
    const { tap } = await behindTap({ kind: 'connect-failure', how });
    const socket = net.connect(tap.port, '127.0.0.1');
    atEnd(() => socket.destroy());
    socket.on('error', () => {});
    socket.write('GET /v1/models HTTP/1.1\r\nHost: x\r\n\r\n');
    expect(await (await tap.first()).ended).toBe(how === 'reset' ? 'RST' : 'FIN');
    expect((await tap.first()).received()).toHaveLength(0);
  });
});

it('a hang at accept outlasts every sweep', async () => {
  // Sweeps come often and the clock runs a thousand times as fast: each finds the connection idle for too long.
  const every = setInterval;
  const sweeps = vi
    .spyOn(globalThis, 'setInterval')
    .mockImplementation(((run: () => void) => every(run, 10)) as typeof setInterval);
  onTestFinished(() => sweeps.mockRestore());
  const { proxy, tap } = await behindTap(
    { kind: 'connect-failure', how: 'hang' },
    { clock: fastClock(1000) },
  );
  const socket = net.connect(tap.port, '127.0.0.1');
  atEnd(() => socket.destroy());
  socket.write('GET /v1/models HTTP/1.1\r\nHost: x\r\n\r\n');
  await proxy.event('fault.applied');
  const tapped = await tap.first();
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(tapped.endedSoFar()).toBeUndefined();
  expect(tapped.received()).toHaveLength(0);
});
