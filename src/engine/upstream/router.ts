/** Decides where a target's traffic goes (the target itself, another URL, the stand-in) and through what. */
import type { Duplex } from 'node:stream';
import { formatAuthority } from '../../core/net/authority.ts';
import { type Authority, streamTransport, type Transport } from '../transport/transport.ts';
import type { Dialer } from './dial.ts';
import type { Origin } from './upstream-pool.ts';

/** Where the target's traffic goes. */
export type UpstreamChoice =
  | { readonly kind: 'target' }
  | { readonly kind: 'url'; readonly url: URL }
  | { readonly kind: 'mock'; readonly dial: () => Duplex };

export interface RouterOptions {
  readonly upstream: UpstreamChoice;
  readonly dialer: Dialer;
  /** An HTTP proxy that our own connections go through. */
  readonly upstreamProxy?: URL;
  /** True for hosts that are dialled directly in spite of `upstreamProxy`. */
  readonly direct?: (to: Authority) => boolean;
}

/** A way to an upstream: how to open it, and what changes in the request's head. */
export interface Route {
  readonly origin: Origin;
  /** Value that replaces `Host`; undefined keeps the client's. */
  readonly host: string | undefined;
  /** Put before the path; empty mostly. */
  readonly pathPrefix: string;
}

export class Router {
  readonly #options: RouterOptions;
  readonly #routes = new Map<string, Route>();
  readonly #fixed: Route | undefined;
  /** The last way asked for, which the next is mostly too. */
  #last: { readonly to: Authority; readonly secure: boolean; readonly route: Route } | undefined;

  constructor(options: RouterOptions) {
    this.#options = options;
    const { upstream } = options;
    if (upstream.kind === 'mock') {
      const open = (): Promise<Transport> => Promise.resolve(streamTransport(upstream.dial(), 'stand-in'));
      this.#fixed = {
        origin: { key: 'stand-in', name: 'the stand-in', open },
        host: undefined,
        pathPrefix: '',
      };
    } else if (upstream.kind === 'url') {
      const { url } = upstream;
      const secure = url.protocol === 'https:';
      const to = {
        host: url.hostname.replace(/^\[|\]$/g, ''),
        port: Number(url.port) || (secure ? 443 : 80),
      };
      this.#fixed = {
        origin: this.#origin(to, secure),
        host: url.host,
        pathPrefix: url.pathname.replace(/\/+$/, ''),
      };
    }
  }

  /** The way for a call to a target. */
  toTarget(to: Authority, secure: boolean): Route {
    return this.#fixed ?? this.toHost(to, secure);
  }

  /** The way to a host as it is named: for traffic that is no target's. */
  toHost(to: Authority, secure: boolean): Route {
    const last = this.#last;
    if (last && last.secure === secure && last.to.port === to.port && last.to.host === to.host)
      return last.route;
    const key = `${secure ? 'https' : 'http'}://${formatAuthority(to)}`;
    let route = this.#routes.get(key);
    if (!route) {
      if (this.#routes.size >= 256) this.#routes.clear();
      route = { origin: this.#origin(to, secure), host: undefined, pathPrefix: '' };
      this.#routes.set(key, route);
    }
    this.#last = { to, secure, route };
    return route;
  }

  /** A connection for bytes that we do not look at. */
  tunnel(to: Authority, signal: AbortSignal): Promise<Transport> {
    const { upstreamProxy, direct, dialer } = this.#options;
    return upstreamProxy && !direct?.(to)
      ? dialer.through(upstreamProxy, to, signal)
      : dialer.tcp(to, signal);
  }

  #origin(to: Authority, secure: boolean): Origin {
    const { upstreamProxy, direct, dialer } = this.#options;
    const open = async (signal: AbortSignal): Promise<Transport> => {
      if (!upstreamProxy || direct?.(to)) return secure ? dialer.tls(to, signal) : dialer.tcp(to, signal);
      const tunnel = await dialer.through(upstreamProxy, to, signal);
      return secure ? dialer.tls(to, signal, tunnel) : tunnel;
    };
    return {
      key: `${secure ? 'https' : 'http'}://${formatAuthority(to)}`,
      get name() {
        const through =
          upstreamProxy && !direct?.(to) ? ` (through the upstream proxy ${upstreamProxy.host})` : '';
        return formatAuthority(to, secure ? 443 : 80) + through;
      },
      open,
    };
  }
}
