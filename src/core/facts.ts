/**
 * What can be known about a call, and from when. Matchers and fault plans read facts and nothing else.
 * A connection fact exists before the first request byte; a request fact only once the head was read.
 */
import type { BodyFacts } from './anthropic/request.ts';

/** When a fault is chosen, and so which facts exist then. */
export type Phase = 'connection' | 'exchange';

/** One header as it stood on the wire: case, order and duplicates kept. */
export type Header = readonly [name: string, value: string];

/** How the client reached us. `plugin` is a tunnel of the fault proxy. */
export type Via = 'absolute' | 'connect' | 'origin' | 'plugin';

/** Known when a connection (or a tunnel inside one) is accepted for a target. */
export interface ConnectionFacts {
  /** Target host, lower case, no port, no brackets. */
  readonly host: string;
  readonly port: number;
  /** Server name of the client's TLS hello; undefined where there was none (plain HTTP, or not read yet). */
  readonly sni: string | undefined;
  readonly via: Via;
  /** Client's address, without port. */
  readonly peer: string;
}

/** Known once a request's head was read (and its body, where some rule needs it). */
export interface RequestFacts extends ConnectionFacts {
  readonly method: string;
  /** Path without query, as sent; what a base URL that ends in `/v1` left out is in it again (`request-route.ts`). */
  readonly path: string;
  /** Query without `?`; empty when there is none. */
  readonly query: string;
  /** True when this client connection carried an earlier exchange. */
  readonly reused: boolean;
  /** A header's value by lower-case name; several of one name are joined with `, `. */
  header(name: string): string | undefined;
  /** All headers in wire order. */
  headers(): readonly Header[];
  /** The body, parsed on first use. `state` says what was there to read. */
  readonly body: BodyFacts;
  /** Fingerprint of the key (12 hex digits), never the key; `none` without one. */
  readonly client: string;
  /** 0 for a first try; from `x-stainless-retry-count`, else from what the rules saw before. */
  readonly attempt: number;
  /** Session id of the client, else a hash of system prompt and first message; undefined when neither exists. */
  readonly conversation: string | undefined;
}
