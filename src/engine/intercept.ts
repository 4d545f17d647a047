/**
 * Intercepts TLS: answers the client's hello with a certificate of our own, and hands the plain text on.
 * A hello for a host that is no target goes on untouched.
 */
import { type SecureContext, TLSSocket, type TLSSocketOptions } from 'node:tls';
import type { CertificateFlaw } from '../ca/authority.ts';
import { Problem } from '../core/problem.ts';
import { readClientHello } from '../core/tls/client-hello.ts';
import { openBlindTunnel } from './connect.ts';
import { acceptConnection, waitForFirstBytes } from './connection.ts';
import type { ConnectionContext } from './context.ts';
import type { Engine, Live } from './engine.ts';
import { rejectedCa, silentRejection } from './rejected-ca.ts';
import { TLS_BUFFER_BYTES, type Transport } from './transport.ts';

/** Reads the hello from `first` on, then shakes hands or steps aside. */
export function interceptTls(
  engine: Engine,
  transport: Transport,
  context: ConnectionContext,
  first: Buffer,
): void {
  waitForFirstBytes(engine, transport, first, (bytes) => {
    const hello = readClientHello(bytes);
    if (hello.kind === 'more') return false;
    const { target } = context;
    if (hello.kind === 'not-tls' || target === undefined) {
      openBlindTunnel(engine, transport, context, bytes);
      return true;
    }
    const { targets } = engine.options;
    const named = hello.sni?.toLowerCase();
    // A hello with a name speaks for itself; without one, the CONNECT's host does.
    if (!targets.matches(named ?? target.host, target.port)) {
      openBlindTunnel(engine, transport, context, bytes);
      return true;
    }
    if (hello.alpn.length > 0 && !hello.alpn.includes('http/1.1') && !hello.alpn.includes('http/1.0')) {
      engine.notice(
        'client-http2-only',
        `a client offers only ${hello.alpn.join(', ')} to ${named ?? target.host}; this proxy speaks HTTP/1.1, so the client will refuse the connection. Let it use HTTP/1.1.`,
      );
    }
    const flaw = context.faults?.hello(transport);
    if (flaw !== true) {
      const host = named ?? target.host;
      shakeHands(engine, transport, { ...context, sni: named, tls: true }, bytes, host, flaw);
    }
    return true;
  });
}

function shakeHands(
  engine: Engine,
  transport: Transport,
  context: ConnectionContext,
  hello: Buffer,
  host: string,
  flaw: CertificateFlaw | undefined,
): void {
  const { ca, sink, clock } = engine.options;
  const { stream } = transport;
  const say = (code: string, message: string): void => {
    if (sink.active)
      sink.emit({
        v: 1,
        type: 'connection.error',
        at: clock.wall(),
        connection: context.connection,
        host,
        code,
        message,
      });
  };
  let certificate: SecureContext;
  try {
    certificate = ca.secureContext(host, flaw, context.inBand?.groups);
  } catch (error) {
    // A server name that is no host name: nothing can be certified for it.
    say('client-tls-failed', Problem.from(error).message);
    stream.destroy();
    return;
  }
  stream.on('error', () => {}); // the TLS layer reports what matters
  stream.unshift(hello);
  const options: TLSSocketOptions & { highWaterMark: number } = {
    highWaterMark: TLS_BUFFER_BYTES,
    isServer: true,
    secureContext: certificate,
    ALPNProtocols: ['http/1.1'],
  };
  const secure = new TLSSocket(stream, options);
  const live: Live = {
    busy: false,
    drain: () => secure.destroy(),
    destroy: () => secure.destroy(),
    sweep: () => {},
  };
  engine.add(live);
  const inner: Transport = {
    stream: secure,
    get peer() {
      return transport.peer;
    },
    raw: transport,
    reset: () => transport.reset(),
    ...(transport.impossible ? { impossible: transport.impossible } : {}),
    ...(transport.heldAnswer ? { heldAnswer: transport.heldAnswer } : {}),
  };
  let bytesSeen = false;
  const failed = (error: Error): void => {
    const rejected = rejectedCa(error, context.runtime);
    if (rejected && flaw === undefined) engine.notice('client-rejected-ca', rejected);
    say(rejected ? 'client-rejected-ca' : 'client-tls-failed', error.message);
    secure.destroy();
  };
  const closed = (): void => {
    engine.remove(live);
  };
  // A client may also leave in the middle of the handshake, once it has seen our certificate.
  const left = (): void => {
    if (flaw === undefined) rejectedSilently(engine, context, say, 'in the TLS handshake');
    secure.destroy();
  };
  secure.on('error', failed);
  secure.on('close', closed);
  secure.on('end', left);
  secure.once('secure', () => {
    secure.off('error', failed);
    secure.off('close', closed);
    secure.off('end', left);
    engine.remove(live);
    context.inBand?.secured(secure);
    if (context.faults?.secured(inner)) return;
    secure.once('data', () => {
      bytesSeen = true;
    });
    secure.pause();
    secure.on('error', (error) => {
      if (!bytesSeen) failed(error);
    });
    secure.once('close', () => {
      // TLS 1.3 clients learn of our certificate after our handshake is done: a silent close is their "no".
      if (!bytesSeen && flaw === undefined)
        rejectedSilently(engine, context, say, 'right after the TLS handshake');
    });
    acceptConnection(engine, inner, context);
  });
}

function rejectedSilently(
  engine: Engine,
  { runtime }: ConnectionContext,
  say: (code: string, message: string) => void,
  when: string,
): void {
  if (engine.draining) return;
  engine.notice('client-rejected-ca', silentRejection(when, runtime));
  say('client-rejected-ca', `the client closed the connection ${when}`);
}
