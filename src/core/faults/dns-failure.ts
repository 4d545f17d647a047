/** `dns-failure`: the name does not resolve, as a client behind a proxy is told: its CONNECT is refused. */
import { z } from 'zod';
import type { RefuseEffect } from '../effect.ts';
import { reasonPhrase } from '../http1/reason.ts';
import { defineFault } from './fault.ts';

/** Refusals as the two proxies write them; what they say of the host is filled in. */
const REFUSALS = {
  mitmproxy: (host) => ({
    status: 502,
    headers: [['content-type', 'text/html']],
    body: page('502 Bad Gateway', `[Errno -2] Name or service not known: ${host}`),
  }),
  squid: (host) => ({
    status: 503,
    headers: [
      ['Server', 'squid'],
      ['Mime-Version', '1.0'],
      ['Content-Type', 'text/html;charset=utf-8'],
      ['X-Squid-Error', 'ERR_DNS_FAIL 0'],
      ['Content-Language', 'en'],
    ],
    body: page(
      'ERROR: The requested URL could not be retrieved',
      `Unable to determine IP address from host name ${host}`,
    ),
  }),
} as const satisfies Record<string, (host: string) => Omit<RefuseEffect, 'do' | 'reason'>>;

/** Refuses the tunnel as a proxy does whose resolver knows no such host. */
export const dnsFailure = defineFault({
  kind: 'dns-failure',
  phase: 'connection',
  summary: 'Refuse the tunnel because the host does not resolve, as a proxy reports it.',
  details:
    'A client behind a proxy never resolves the host itself: it sees its CONNECT refused, with 502 (`mitmproxy`) or with ' +
    '503 and `x-squid-error: ERR_DNS_FAIL` (`squid`). Acts on CONNECT alone: calls by base URL have no tunnel.',
  params: z.strictObject({
    proxy: z
      .enum(Object.keys(REFUSALS) as (keyof typeof REFUSALS)[], { error: 'proxy is mitmproxy or squid' })
      .default('mitmproxy')
      .describe('Whose words: `mitmproxy` (502) or `squid` (503).'),
  }),
  example: { proxy: 'squid' },
  plan:
    ({ proxy }) =>
    ({ facts }) => {
      const refusal = REFUSALS[proxy](facts.host);
      return [{ do: 'refuse', reason: reasonPhrase(refusal.status), ...refusal }];
    },
});

function page(title: string, text: string): string {
  return `<html><head><title>${title}</title></head><body><h1>${title}</h1><p>${text}</p></body></html>`;
}
