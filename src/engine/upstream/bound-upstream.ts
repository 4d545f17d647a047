/**
 * Connections that bring their own upstream: the calls of a fault tunnel go up through the tunnel they came in by.
 * Such a transport can speak only in turn, so it must know what its connection is waiting for.
 */
import type { TLSSocket } from 'node:tls';
import type { RequestHead } from '../../core/http1/head.ts';
import type { Upstreams } from './upstream-pool.ts';

/** What a tunnel gives to its connection, and hears from it. */
export interface BoundUpstream {
  /** Where this connection's calls go, in place of the engine's pool. */
  readonly upstreams: Upstreams;
  /** Key call groups to accept (OpenSSL names); undefined for the usual ones. Read when the hello was read. */
  readonly groups: string | undefined;
  /** The client's TLS handshake is done. */
  secured(stream: TLSSocket): void;
  /** Requests are read from here on. */
  serving(connection: ServedConnection): void;
}

/** The connection that a tunnel became, as far as a transport can tell from outside. */
export interface ServedConnection {
  /** True between requests: not a byte of a next one was read. */
  readonly idle: boolean;
  readonly closing: boolean;
  /** Calls finished on it. */
  readonly served: number;
  /** True while a call is under way. */
  readonly busy: boolean;
  /** The proxy stops: ends as soon as nothing is under way. */
  stopping(): void;
  /** The call under way. */
  readonly call: ServedCall | undefined;
}

export interface ServedCall {
  readonly head: Pick<RequestHead, 'raw' | 'expectContinue'>;
  readonly requestDone: boolean;
  readonly reporter: { readonly bytesUp: number };
  readonly progress: Progress;
}

/** How far a call has come, as far as a transport can tell from outside. */
export interface Progress {
  /** The client's request is on its way to an upstream, or waits for one. */
  readonly forwarded: boolean;
  /** The whole request was handed to the upstream's connection. */
  readonly sent: boolean;
  /** Bytes for the client may come without the upstream saying anything: a delay, a speed limit or a filter is at work. */
  readonly waits: boolean;
  /** The upstream has answered whole. */
  readonly upstreamDone: boolean;
  /** The answer was given whole (the request may still be coming in). */
  readonly answered: boolean;
  /** A fault keeps the client waiting for ever. */
  readonly hung: boolean;
}
