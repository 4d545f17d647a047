/**
 * Connections that bring their own upstream: the calls of a fault tunnel go up through the tunnel they came in by.
 * Such a transport can speak only in turn, so it must know what its connection is waiting for.
 */
import type { TLSSocket } from 'node:tls';
import type { AnswerStage } from './answer-stage.ts';
import type { HttpConnection } from './http-connection.ts';
import type { Injection } from './injection.ts';
import type { RequestFeed } from './request-feed.ts';
import type { Upstreams } from './upstream-pool.ts';

/** What a tunnel gives to its connection, and hears from it. */
export interface InBand {
  /** Where this connection's calls go, in place of the engine's pool. */
  readonly upstreams: Upstreams;
  /** Key exchange groups to accept (OpenSSL names); undefined for the usual ones. Read when the hello was read. */
  readonly groups: string | undefined;
  /** The client's TLS handshake is done. */
  secured(stream: TLSSocket): void;
  /** Requests are read from here on. */
  serving(connection: HttpConnection): void;
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

/** Reads a call's progress off its parts. */
export function progressOf(
  feed: RequestFeed,
  injection: Injection | undefined,
  stage: AnswerStage | undefined,
  answered: boolean,
): Progress {
  return {
    forwarded: feed.forwarding,
    sent: feed.sent,
    waits: injection?.waiting === true || stage?.busy === true || feed.pacing,
    upstreamDone: stage?.upstreamDone === true,
    answered,
    hung: injection?.hung === true,
  };
}
