/**
 * A TLS handshake with a client. With TLS 1.3 the client sees our certificate only when our handshake is done: until
 * its first bytes come, it may still refuse us, mostly without a word.
 */
import { type SecureContext, TLSSocket, type TLSSocketOptions } from 'node:tls';
import type { CertificateFlaw } from '../../ca/authority.ts';
import type { Problem } from '../../core/problem.ts';
import type { Serve } from '../connection/accept.ts';
import { ClientStream, type StreamHandler } from '../connection/client-stream.ts';
import { tellConnectionError } from '../connection/connection-error.ts';
import type { ConnectionContext } from '../connection/context.ts';
import type { Services } from '../connection/services.ts';
import { TLS_BUFFER_BYTES, TlsTransport } from '../transport/transport.ts';
import { tlsWords } from '../upstream/tls-failure.ts';
import { rejectedCa, silentRejection } from './rejected-ca.ts';

/** What is answered, as the extension has it; the first that the client offers, too. */
const ALPN = Buffer.from('\x08http/1.1\x08http/1.0', 'latin1');

export class Handshake implements StreamHandler {
  readonly busy = false;
  readonly #services: Services;
  readonly #context: ConnectionContext;
  readonly #host: string;
  readonly #flaw: CertificateFlaw | undefined;
  readonly #goOn: Serve;
  readonly #secure: TLSSocket;
  /** The stream under TLS. */
  readonly #client: ClientStream;
  /** What came before we knew that the handshake is done. */
  #early: Buffer | undefined;

  /** @param below the connection that carries it; its next bytes are the client's hello */
  constructor(
    below: ClientStream,
    context: ConnectionContext,
    certificate: SecureContext,
    host: string,
    flaw: CertificateFlaw | undefined,
    serve: Serve,
  ) {
    const { services, transport } = below;
    const options: TLSSocketOptions & { highWaterMark: number } = {
      highWaterMark: TLS_BUFFER_BYTES,
      isServer: true,
      secureContext: certificate,
      ALPNProtocols: ALPN,
    };
    this.#services = services;
    this.#context = context;
    this.#host = host;
    this.#flaw = flaw;
    this.#goOn = serve;
    this.#secure = new TLSSocket(transport.stream, options);
    this.#client = new ClientStream(services, new TlsTransport(this.#secure, transport), below.connection);
  }

  start(): void {
    this.#client.setHandler(this);
    this.#secure.on('secure', this.#onSecure);
    // Behind the handshake Node tells errors to servers of its own alone, and leaves the socket open.
    this.#secure.on('_tlsError', (error: Error) => this.#secure.destroy(error));
  }

  onData(chunk: Buffer): void {
    this.#early = this.#early === undefined ? chunk : Buffer.concat([this.#early, chunk]);
  }

  /** A client may leave in the middle of the handshake, once it has seen our certificate. */
  onEnd(): void {
    if (this.#flaw === undefined) this.#rejectedSilently('in the TLS handshake');
    this.#secure.destroy();
  }

  /** TLS failed, in the handshake or right after it. */
  onError(error: Error): void {
    const { runtime } = this.#context;
    const rejected = rejectedCa(error, runtime);
    if (rejected && this.#flaw === undefined) this.#services.notice('client-rejected-ca', rejected);
    this.#tell(
      rejected ? 'client-rejected-ca' : 'client-tls-failed',
      `the TLS handshake failed: ${tlsWords(error)}`,
    );
    this.#secure.destroy();
  }

  stopping(): void {
    this.#secure.destroy();
  }

  /** The connection has ended after the handshake, without a byte. */
  unheard(): void {
    if (this.#flaw === undefined) this.#rejectedSilently('right after the TLS handshake');
  }

  onClose(): void {}
  onDrain(): void {}
  sweep(): void {}

  ending(): boolean {
    return false;
  }

  failed({ code, message }: Problem): boolean {
    this.#tell(code, message);
    return true;
  }

  readonly #onSecure = (): void => this.#client.guard(() => this.#serve());

  #serve(): void {
    // A renegotiation ends with this event, too.
    if (this.#client.handler !== this) return;
    const { boundUpstream, faults } = this.#context;
    this.#client.leave();
    boundUpstream?.secured(this.#secure);
    if (faults?.secured(this.#client.transport)) return;
    this.#goOn(this.#client, this.#context, this.#early, this);
  }

  #rejectedSilently(when: string): void {
    if (this.#services.draining) return;
    this.#services.notice('client-rejected-ca', silentRejection(when, this.#context.runtime));
    this.#tell('client-rejected-ca', `the client closed the connection ${when}`);
  }

  #tell(code: string, message: string): void {
    tellConnectionError(this.#services, this.#context, this.#host, code, message);
  }
}
