/** What to do when calls fail by themselves: one sentence, once, for each kind of trouble. */
import type { ExchangeError } from '../core/events.ts';

const NO_WAY =
  'the stand-in API needs no network (--upstream mock); behind a company proxy, use --upstream-proxy URL';

const CURES: Readonly<Record<string, string>> = {
  'upstream-dns': `The API's name could not be looked up. Is this machine offline? Then ${NO_WAY}.`,
  'upstream-refused': `The API's address refused the connection. Check --upstream; ${NO_WAY}.`,
  'upstream-unreachable': `The API cannot be reached from here. Without a network, ${NO_WAY}.`,
  'upstream-timeout': `The API did not answer the connection. If this network blocks it, ${NO_WAY}.`,
  'upstream-proxy':
    'The proxy that leads out of this network refused. Check --upstream-proxy (or HTTPS_PROXY), its name and its password.',
  loop: 'The upstream is this proxy itself. Check --upstream and HTTPS_PROXY.',
};

/** TLS fails in ways that have nothing in common but the code; the message tells which it was. */
const TLS_CURES: readonly (readonly [RegExp, string])[] = [
  [
    /certificate of .* was not accepted.*(EXPIRED|NOT_YET_VALID|ALTNAME|HOSTNAME)/,
    'The certificate of the upstream does not fit its name or this moment. Check the host in --upstream, and the clock of this machine.',
  ],
  [
    /certificate of .* was not accepted/,
    'The certificate of the upstream was not accepted. If its authority is your own, name it with --upstream-ca FILE.',
  ],
  [
    /does not speak TLS/,
    'The upstream does not speak TLS. If it is plain HTTP, give it as --upstream http://….',
  ],
];

function cureFor({ code, message }: { readonly code: string; readonly message: string }): string | undefined {
  if (code !== 'upstream-tls') return CURES[code];
  return TLS_CURES.find(([fits]) => fits.test(message))?.[1];
}

/** Says each hint once. */
export class Hints {
  readonly #said = new Set<string>();

  /** @returns the hint that `event` calls for, unless it was given before */
  observe(event: ExchangeError): string | undefined {
    const cure = cureFor(event);
    if (cure === undefined || this.#said.has(cure)) return undefined;
    this.#said.add(cure);
    return cure;
  }
}
