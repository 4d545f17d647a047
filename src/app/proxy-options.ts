/** What a proxy can be told. Everything may be left out; `proxy-defaults.ts` says what it is then. */
import type { Duplex } from 'node:stream';
import type { CertificateAuthority } from '../ca/authority.ts';
import type { Clock } from '../core/clock.ts';
import type { RuleSet } from '../core/rules/decision.ts';
import type { Share } from '../core/share.ts';
import type { EventBus } from '../observe/bus.ts';
import type { RuleStore } from './rule-store.ts';

export interface ProxyOptions {
  /** False: no listener; only what is handed to `accept` and `acceptTunnel` is served. Default true. */
  readonly listen?: boolean;
  /** Address to listen on; `127.0.0.1`, the default, listens on `::1` too, where it exists. */
  readonly host?: string;
  /** 0, the default, for any free port. */
  readonly port?: number;
  /** Hosts to intercept: names, `*.example.com`, addresses, each with `:port` if need be. Default `api.anthropic.com`. */
  readonly targets?: readonly string[];
  /** Rules as in a config file, or in a store, to be changed while the proxy runs; or a set of them as it is. Default none. */
  readonly rules?: readonly unknown[] | RuleStore | RuleSet;
  /** By default one that is made on first use and never on a disk: `memoryAuthority()`. */
  readonly ca?: Pick<CertificateAuthority, 'secureContext'> &
    Partial<Pick<CertificateAuthority, 'certificatePem'>>;
  /** Where the targets' traffic goes; by default to a stand-in of its own. */
  readonly upstream?:
    | { readonly kind: 'target' }
    | { readonly kind: 'url'; readonly url: URL }
    | { readonly kind: 'mock'; readonly dial: () => Duplex };
  /** HTTP proxy that our own connections go through. */
  readonly upstreamProxy?: URL;
  /** Hosts that are dialled directly in spite of it, as in NO_PROXY. */
  readonly noProxy?: string;
  /** Certificate authorities to trust in upstreams besides the runtime's, PEM. */
  readonly upstreamCa?: string;
  /** Mark injected answers with `x-injected-fault`. Default true. */
  readonly marker?: boolean;
  /**
   * More names, or addresses, by which clients may call the base URL, and whose web pages may: `aep.example.com`,
   * `*.example.com`. What no web page can be called needs no mention.
   */
  readonly allowHosts?: readonly string[];
  /** Off loopback: forward to hosts that are no targets too. Default false. */
  readonly allowTunnels?: boolean;
  /** A request may name the fault that it wants in `x-aep-fault`. Default false. */
  readonly allowRequestFaults?: boolean;
  /**
   * This process is a worker of Node's cluster: it listens together with its siblings, and numbers its connections
   * and calls so that no sibling has the same ones. `rules` need the same share.
   */
  readonly share?: Share;
  readonly bus?: EventBus;
  readonly clock?: Clock;
}
