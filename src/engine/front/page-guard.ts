/**
 * Keeps web pages away from the base URL. A browser sends requests of any page to any address, and so to ours: a page
 * could use up errors that were meant for a test, or ask for some. By a name of its own that leads to 127.0.0.1 (DNS
 * rebinding) it could even read the answers. Programs do neither: they name us by a name of ours, and are no page.
 */
import { hostname } from 'node:os';
import { Known, type RequestHead } from '../../core/http1/head.ts';
import { parseHost } from '../../core/net/authority.ts';
import { canonicalIp } from '../../core/net/ip.ts';
import type { TargetHosts } from '../../core/net/target-host.ts';
import { Refusal } from '../problems/refusal.ts';
import type { Self } from './self.ts';

export interface PageGuardOptions {
  readonly self: Self;
  readonly targets: TargetHosts;
  /** More names by which clients may call us. */
  readonly allowed: TargetHosts;
}

/**
 * Names that no page of the web can have, since nobody can register them: they lead where this machine or its network
 * says (`aep` of a compose file, an alias of /etc/hosts, `host.docker.internal`).
 */
const PRIVATE_NAME = /^[^.:]+$|\.internal$/;
/** The same, where other machines can reach us: what networks call their machines. */
const NETWORK_NAME = /\.(?:local|localdomain|lan|home\.arpa)$/;

export class PageGuard {
  readonly #options: PageGuardOptions;
  /** The last `Host` that was ours: mostly the next is the same. */
  #lastOurs: string | undefined;

  constructor(options: PageGuardOptions) {
    this.#options = options;
  }

  /**
   * For a request of the base URL, in origin-form.
   *
   * @throws Refusal `foreign-host`
   */
  checkHost(head: RequestHead): void {
    if (!this.#options.self.listens) return; // whoever hands us connections knows where they come from
    const text = head.headers.get('host');
    // HTTP/1.0 needs none, and no browser leaves it out.
    if (text === undefined || text === '' || text === this.#lastOurs) return;
    const host = hostOf(text);
    if (host !== undefined && this.#isOurs(host)) {
      this.#lastOurs = text;
      return;
    }
    // Only what reads as a host is shown: anything could stand there.
    const named = host === undefined ? 'what its Host field says' : host;
    const cure =
      host === undefined ? 'use the URL that it told at its start' : `--allow-host ${host} permits it`;
    throw new Refusal(
      'foreign-host',
      `this proxy is not called ${named}, so the call may come from a web page whose name was made to lead here; if it is yours, ${cure}`,
    );
  }

  /**
   * For a request that is not in a tunnel.
   *
   * @throws Refusal `foreign-page`
   */
  checkPage(head: RequestHead): void {
    const { headers } = head;
    if ((headers.known & Known.OF_PAGE) === 0) return;
    const page = this.foreignPage((name) => headers.get(name));
    if (page === undefined) return;
    const cure = page === ANOTHER ? '' : `; if it is yours, --allow-host ${page} permits it`;
    throw new Refusal(
      'foreign-page',
      `the call comes from a web page of ${page}, and this proxy serves programs of its user alone${cure}`,
    );
  }

  /** The host of the web page that sent a request, if that page is none of ours; undefined for all other requests. */
  foreignPage(field: (name: string) => string | undefined): string | undefined {
    const origin = field('origin');
    if (origin === undefined) return field('sec-fetch-site') === 'cross-site' ? ANOTHER : undefined;
    // Programs that show pages of their own (editors, extensions of browsers) have schemes of their own.
    if (origin !== 'null' && !/^https?:/i.test(origin)) return undefined;
    const host = hostOf(/^https?:\/\/([^/?#@]*)\/?$/i.exec(origin)?.[1] ?? '');
    if (host === undefined) return ANOTHER;
    return this.#isOurs(host) ? undefined : host;
  }

  #isOurs(host: string): boolean {
    const { self, targets, allowed } = this.#options;
    if (self.knows(host) || PRIVATE_NAME.test(host)) return true;
    if (targets.portOf(host) !== undefined || allowed.portOf(host) !== undefined) return true;
    if (!self.reachable) return false;
    // A page is never at an address that its own name does not lead to.
    return NETWORK_NAME.test(host) || host === hostname().toLowerCase() || canonicalIp(host) !== undefined;
  }
}

/** A web page whose site is not told, or not readable. */
const ANOTHER = 'another site';

/** The host in `host` or `host:port`; undefined for what is none. */
function hostOf(text: string): string | undefined {
  const [, host] = /^(\[[^\][]*\]|[^:[\]]+)(?::[0-9]*)?$/.exec(text) ?? [];
  return host === undefined ? undefined : parseHost(host);
}
