/**
 * How a client's connection of HTTP/1.1 ends: by itself when a call was its last or nothing comes any more, in a
 * fault's own way, with the proxy, or for a bug of ours. What is read on it is the business of `client-connection.ts`.
 */
import type { EndHow } from '../../core/effect.ts';
import { FramingError } from '../../core/http1/head.ts';
import type { Problem } from '../../core/problem.ts';
import type { Call } from '../call/call.ts';
import type { ClientStream } from '../connection/client-stream.ts';
import { tellConnectionError } from '../connection/connection-error.ts';
import type { ConnectionContext } from '../connection/context.ts';
import { noteHttp2Only } from '../connection/http2-only.ts';
import type { Services } from '../connection/services.ts';
import { proxyErrorResponse } from '../problems/proxy-errors.ts';
import { Refusal } from '../problems/refusal.ts';
import { endTransport } from '../transport/endings.ts';
import type { Transport } from '../transport/transport.ts';
import { Lingering } from './lingering.ts';

/** How long a kept-alive connection may be idle between calls, in milliseconds; no call is ever timed. */
export const IDLE_CLIENT_MS = 600_000;

export abstract class ConnectionEnding {
  readonly services: Services;
  readonly client: ClientStream;
  readonly transport: Transport;
  readonly context: ConnectionContext;
  /** The call under way. */
  call: Call | undefined;
  /** Bytes of a next request that came before the present one was answered. */
  protected pending: Buffer | undefined;
  protected clientEnded = false;
  /** A fault of the connection holds its first request back. */
  protected asking = false;
  protected idleSince = 0;
  /** Time of the first byte of the request that is being read; 0 between requests. */
  protected firstByteAt = 0;
  #closing = false;
  /** A fault left it open to the client (a hang, a half-close): the client alone says when this is over. */
  #left = false;
  #lingering: Lingering | undefined;
  /** Calls finished on this connection. */
  served = 0;
  /** A fault waits for this connection to idle: to be called once it is not, or is gone. */
  afterIdling: (() => void) | undefined;

  protected constructor(client: ClientStream, context: ConnectionContext) {
    this.services = client.services;
    this.client = client;
    this.transport = client.transport;
    this.context = context;
  }

  get busy(): boolean {
    return this.call !== undefined;
  }

  /** True between requests: not a byte of a next one was read. */
  get idle(): boolean {
    return !this.call && this.firstByteAt === 0;
  }

  /** True once no more requests are read. */
  get closing(): boolean {
    return this.#closing;
  }

  /** Writes to the client. @returns false when the caller should wait for the call's `clientDrain` */
  write(bytes: Buffer): boolean {
    return this.client.write(bytes);
  }

  /** What is written to the client from here on goes out in one piece, with {@link uncork}. */
  cork(): void {
    this.transport.stream.cork();
  }

  uncork(): void {
    this.transport.stream.uncork();
  }

  /** A fault ended this connection in its own way; nothing more is written here, and what is read is dropped. */
  faultEndedConnection(how: EndHow): void {
    this.call = undefined;
    this.#closing = true;
    this.#left = how === 'hang' || how === 'half-close';
    this.idleSince = this.services.options.clock.now();
    // Half-closed, it goes on reading; unread bytes would fill its window, and the client would see a hang instead.
    if (how === 'half-close') this.transport.stream.resume();
  }

  /** Says goodbye, then waits for the client's FIN so that what it has not read yet is not reset away. */
  close(): void {
    if (this.#closing) return;
    this.#closing = true;
    this.pending = undefined;
    this.idleSince = this.services.options.clock.now();
    const { stream } = this.transport;
    if (stream.destroyed) return;
    if (!stream.writableEnded) stream.end();
    stream.resume();
    if (this.clientEnded || this.services.draining) endTransport(this.transport, 'close', this.client.clock);
  }

  /** The client sent what we do not accept: say so if no answer is under way, and end. */
  protected refuse(problem: Problem): void {
    const { clock } = this.services.options;
    const call = this.call;
    tellConnectionError(
      this.services,
      this.context,
      this.context.target?.host,
      problem.code,
      problem.message,
    );
    if (call) {
      call.badRequest(problem);
      return;
    }
    const status = problem instanceof FramingError || problem instanceof Refusal ? problem.status : 400;
    // Said once, for whoever wonders why a program of theirs is refused.
    if (problem instanceof Refusal) this.services.notice(problem.code, problem.message);
    if (status === 505)
      noteHttp2Only(this.services, 'a client began with HTTP/2, or another version of HTTP, without asking');
    this.write(proxyErrorResponse(status, problem.code, problem.message, clock.wall(), true));
    this.close();
  }

  stopping(): void {
    // What a fault keeps open for ever will not end by itself, so nothing is gained by waiting for it.
    if (this.#left || this.call?.hung) this.client.destroy();
    else if (this.#closing) endTransport(this.transport, 'close', this.client.clock);
    else if (!this.call) this.close();
  }

  ending(): boolean {
    const call = this.call;
    call?.shutdown();
    return call?.endsWithConnection === true;
  }

  failed(problem: Problem): boolean {
    const call = this.call;
    this.call = undefined;
    this.#closing = true;
    return call?.failed(problem) === true;
  }

  sweep(now: number): void {
    if (this.call || this.#left || this.asking) return;
    if (this.#closing) this.#lingering ??= new Lingering(this.transport, now);
    const idle = now - this.idleSince >= IDLE_CLIENT_MS;
    if (this.#lingering?.over(now) ?? idle) this.transport.stream.destroy();
  }

  /** It is not idle any more, or gone: what waited for that is not done. */
  protected idledEnough(): void {
    this.afterIdling?.();
    this.afterIdling = undefined;
  }
}
