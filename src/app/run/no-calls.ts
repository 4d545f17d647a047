/** Why no call came through a run, as far as it can be told, and what to try. */

import type { ProxyEvent } from '../../core/events.ts';
import { parseHost } from '../../core/net/authority.ts';
import { TargetHosts } from '../../core/net/target-host.ts';
import { withoutUser } from '../../core/net/without-user.ts';
import { HTTP2_ONLY, tellsHttp2Only } from '../../observe/http2-only.ts';
import type { Via } from './via.ts';

/** What is known of a run without calls. */
export interface NoCallFacts {
  readonly via: Via;
  readonly proxyUrl: string;
  readonly targets: readonly string[];
  /** ANTHROPIC_BASE_URL as the command found it. */
  readonly baseUrl: string | undefined;
  /** Other hosts that were called through the proxy. */
  readonly otherHosts: readonly string[];
  /** A client refused our certificate. */
  readonly rejectedCa: boolean;
  /** A client speaks no HTTP/1.1. */
  readonly http2Only: boolean;
}

/** Notes what explains a run without calls. */
export class NoCallFold {
  readonly #hosts = new Set<string>();
  #rejectedCa = false;
  #http2Only = false;

  observe(event: ProxyEvent): void {
    if (event.type === 'tunnel.ended' && event.host !== undefined && this.#hosts.size < 10)
      this.#hosts.add(event.host);
    if (tellsHttp2Only(event)) this.#http2Only = true;
    if (event.type === 'connection.error' && event.code === 'client-rejected-ca') this.#rejectedCa = true;
  }

  current(): Pick<NoCallFacts, 'otherHosts' | 'rejectedCa' | 'http2Only'> {
    return { otherHosts: [...this.#hosts], rejectedCa: this.#rejectedCa, http2Only: this.#http2Only };
  }
}

/** One sentence per reason, the most telling first; never none. */
export function whyNoCalls(facts: NoCallFacts): readonly string[] {
  const { via, targets, rejectedCa, http2Only } = facts;
  const known = new TargetHosts(targets);
  // A tunnel to a target in which something else than TLS or HTTP/1.1 was spoken.
  const otherHosts = facts.otherHosts.filter((host) => !known.matches(host, 443));
  const elsewhere = via === 'base-url' ? undefined : otherBaseUrl(facts);
  const sentences = [
    ...(http2Only ? [HTTP2_ONLY] : []),
    ...(rejectedCa
      ? [
          'A client came as far as the certificate and refused it. --via base-url needs none; docs/clients.md names what its runtime reads, if it reads anything: a program that brings its own roots (reqwest with webpki-roots, Typhoeus) does not.',
        ]
      : []),
    ...(elsewhere ? [elsewhere] : []),
    ...(otherHosts.length > 0
      ? [
          `It called ${otherHosts.join(', ')}, and only calls to ${targets.join(', ')} can fail. If one of them is its API, add --target-host ${otherHosts[0]}.`,
        ]
      : []),
  ];
  return sentences.length > 0 ? sentences : [unexplained(facts)];
}

/** The user's own base URL leads past the proxy, by loopback or to a host that is no target. */
function otherBaseUrl({ via, baseUrl, targets }: NoCallFacts): string | undefined {
  if (via !== 'proxy' || baseUrl === undefined || !URL.canParse(baseUrl)) return undefined;
  const { hostname, port, protocol } = new URL(baseUrl);
  const host = parseHost(hostname) ?? hostname;
  if (new TargetHosts(targets).matches(host, Number(port) || (protocol === 'http:' ? 80 : 443)))
    return undefined;
  return `ANTHROPIC_BASE_URL is set to ${withoutUser(baseUrl)}, which is no target. Add --target-host ${host}, or let --via base-url put the proxy in its place.`;
}

function unexplained({ via, proxyUrl }: NoCallFacts): string {
  if (via === 'proxy')
    return 'It made no call, or it does not read HTTPS_PROXY (the http module of Node before 22.21, undici 8 on Node 22, aiohttp without trust_env and urllib3’s PoolManager do not). Try --via base-url.';
  if (via === 'base-url')
    return 'It made no call, or it does not read ANTHROPIC_BASE_URL, or has a base URL in its own settings. Try --via proxy.';
  return `It made no call, or it reads neither HTTPS_PROXY nor ANTHROPIC_BASE_URL. Give it the base URL ${proxyUrl} in its own settings.`;
}
