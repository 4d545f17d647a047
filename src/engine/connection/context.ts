/** What is known of a connection before its bytes are read. Immutable: each hop (CONNECT, TLS) makes a new one. */
import type { Via } from '../../core/facts.ts';
import type { Authority } from '../transport/transport.ts';
import type { BoundUpstream } from '../upstream/bound-upstream.ts';
import type { ConnectionFaults } from './connection-faults.ts';
import type { LikelyRuntime } from './likely-runtime.ts';

export interface ConnectionContext {
  /** Number of the client's connection in this process, from 1; the same through all its hops. */
  readonly connection: number;
  /** `origin` until a hop or a request target says otherwise. */
  readonly via: Via;
  /** Where a CONNECT leads; undefined on the outermost connection. */
  readonly target: Authority | undefined;
  /** Server name of the client's hello, once read. */
  readonly sni: string | undefined;
  /** True inside intercepted TLS. */
  readonly tls: boolean;
  /** How often a CONNECT to ourselves was served in-process on this connection. */
  readonly depth: number;
  /** What the client most likely runs on, by its CONNECT; for words to people. */
  readonly runtime: LikelyRuntime | undefined;
  /** What rules decided on this connection and is still to be done; undefined where they were not asked, or none fired. */
  readonly faults: ConnectionFaults | undefined;
  /** Set where the connection brings its own upstream (a tunnel of the fault proxy). */
  readonly boundUpstream?: BoundUpstream;
}

/** The context of a fresh connection. */
export function outermost(connection: number): ConnectionContext {
  return {
    connection,
    via: 'origin',
    target: undefined,
    sni: undefined,
    tls: false,
    depth: 0,
    runtime: undefined,
    faults: undefined,
  };
}

/** The context of a tunnel to `target`. */
export function inTunnel(
  { connection, depth, faults, boundUpstream }: ConnectionContext,
  target: Authority,
  runtime: LikelyRuntime | undefined,
): ConnectionContext {
  const via = 'connect';
  const inside = { connection, via, target, sni: undefined, tls: false, depth, runtime, faults } as const;
  return boundUpstream === undefined ? inside : { ...inside, boundUpstream };
}

/** The context of what is said inside TLS. */
export function underTls(context: ConnectionContext, sni: string | undefined): ConnectionContext {
  const { connection, via, target, depth, runtime, faults, boundUpstream } = context;
  const inside = { connection, via, target, sni, tls: true, depth, runtime, faults };
  return boundUpstream === undefined ? inside : { ...inside, boundUpstream };
}
