/**
 * Intercepts TLS: answers the client's hello with a certificate of our own, and hands the plain text on.
 * A hello for a host that is no target goes on untouched.
 */
import type { SecureContext } from 'node:tls';
import type { CertificateFlaw } from '../../ca/authority.ts';
import { Problem } from '../../core/problem.ts';
import { readClientHello } from '../../core/tls/client-hello.ts';
import type { Serve } from '../connection/accept.ts';
import type { ClientStream } from '../connection/client-stream.ts';
import { tellConnectionError } from '../connection/connection-error.ts';
import { type ConnectionContext, underTls } from '../connection/context.ts';
import { noteHttp2Only } from '../connection/http2-only.ts';
import { openBlindTunnel } from '../tunnel/blind-tunnel.ts';
import { Handshake } from './handshake.ts';

/** Takes a connection over by its hello, or steps aside. @returns false where `bytes` do not hold all of the hello yet */
export function interceptTls(
  client: ClientStream,
  context: ConnectionContext,
  bytes: Buffer,
  serve: Serve,
): boolean {
  const { services, transport } = client;
  const hello = readClientHello(bytes);
  if (hello.kind === 'more') return false;
  const { target } = context;
  if (hello.kind === 'not-tls' || target === undefined) {
    openBlindTunnel(client, context, bytes);
    return true;
  }
  // A hello with a name speaks for itself; without one, the CONNECT's host does.
  const host = hello.sni ?? target.host;
  if (!services.options.targets.matches(host, target.port)) {
    openBlindTunnel(client, context, bytes);
    return true;
  }
  if (hello.alpn.length > 0 && !hello.alpn.includes('http/1.1') && !hello.alpn.includes('http/1.0')) {
    noteHttp2Only(
      services,
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
  const { services, transport } = client;
  let certificate: SecureContext;
  try {
    certificate = services.options.ca.secureContext(host, flaw, context.boundUpstream?.groups);
  } catch (error) {
    // A server name that is no host name: nothing can be certified for it.
    tellConnectionError(services, context, host, 'client-tls-failed', Problem.from(error).message);
    transport.stream.destroy();
    return;
  }
  client.nest();
  transport.stream.unshift(hello);
  new Handshake(client, context, certificate, host, flaw, serve).start();
}
