/**
 * Intercepts TLS: answers the client's hello with a certificate of our own, and hands the plain text on.
 * A hello for a host that is no target goes on untouched.
 */
import type { SecureContext } from 'node:tls';
import type { CertificateFlaw } from '../ca/authority.ts';
import { Problem } from '../core/problem.ts';
import { readClientHello } from '../core/tls/client-hello.ts';
import type { Serve } from './accept.ts';
import { openBlindTunnel } from './blind-tunnel.ts';
import type { ClientStream } from './client-stream.ts';
import { tellConnectionError } from './connection-error.ts';
import { type ConnectionContext, underTls } from './context.ts';
import { Handshake } from './handshake.ts';
import { noteHttp2Only } from './http2-only.ts';

/** Takes a connection over by its hello, or steps aside. @returns false where `bytes` do not hold all of the hello yet */
export function interceptTls(
  client: ClientStream,
  context: ConnectionContext,
  bytes: Buffer,
  serve: Serve,
): boolean {
  const { engine, transport } = client;
  const hello = readClientHello(bytes);
  if (hello.kind === 'more') return false;
  const { target } = context;
  if (hello.kind === 'not-tls' || target === undefined) {
    openBlindTunnel(client, context, bytes);
    return true;
  }
  // A hello with a name speaks for itself; without one, the CONNECT's host does.
  const host = hello.sni ?? target.host;
  if (!engine.options.targets.matches(host, target.port)) {
    openBlindTunnel(client, context, bytes);
    return true;
  }
  if (hello.alpn.length > 0 && !hello.alpn.includes('http/1.1') && !hello.alpn.includes('http/1.0')) {
    noteHttp2Only(
      engine,
      `a client offers only ${hello.alpn.join(', ')} to ${host}, and so will refuse the connection`,
    );
  }
  const flaw = context.faults?.hello(transport);
  if (flaw !== true) shakeHands(client, underTls(context, hello.sni), bytes, host, flaw, serve);
  return true;
}

function shakeHands(
  client: ClientStream,
  context: ConnectionContext,
  hello: Buffer,
  host: string,
  flaw: CertificateFlaw | undefined,
  serve: Serve,
): void {
  const { engine, transport } = client;
  let certificate: SecureContext;
  try {
    certificate = engine.options.ca.secureContext(host, flaw, context.inBand?.groups);
  } catch (error) {
    // A server name that is no host name: nothing can be certified for it.
    tellConnectionError(engine, context, host, 'client-tls-failed', Problem.from(error).message);
    transport.stream.destroy();
    return;
  }
  client.nest();
  transport.stream.unshift(hello);
  new Handshake(client, context, certificate, host, flaw, serve).start();
}
