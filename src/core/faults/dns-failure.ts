/** `dns-failure`: the name does not resolve, as a client behind a proxy is told: its CONNECT is refused. */
import { z } from 'zod';
import type { RefuseEffect } from '../effect.ts';
import type { ConnectionFacts, Header } from '../facts.ts';
import { defineFault } from './fault.ts';

type Refusal = Omit<RefuseEffect, 'do'>;

/**
 * What each proxy answers to CONNECT for a name that does not resolve, its page shortened to title and sentence.
 * Seen: mitmproxy 11.0.2 (connection_strategy eager, its default), squid 5.7, tinyproxy 1.11.1, each against a name
 * server that says NXDOMAIN. Squid before 5: as users of 3.1 to 4.10 quote it.
 */
const REFUSALS = {
  mitmproxy: ({ host, port }) => ({
    status: 502,
    reason: 'Bad Gateway',
    headers: [],
    body: `Cannot connect to ${host}:${port}: [Errno -2] Name or service not known`,
  }),
  squid: ({ host }) => ({
    status: 503,
    reason: 'Service Unavailable',
    headers: squidHeaders('squid/4.10', 'ERR_DNS_FAIL'),
    body: squidPage(`Unable to determine IP address from host name ${host}`),
  }),
  'squid-5': () => ({
    status: 500,
    reason: 'Internal Server Error',
    headers: squidHeaders('squid/5.7', 'ERR_CANNOT_FORWARD'),
    body: squidPage('Unable to forward this request at this time.'),
  }),
  tinyproxy: () => ({
    status: 500,
    reason: 'Unable to connect',
    headers: [
      ['Server', 'tinyproxy/1.11.1'],
      ['Content-Type', 'text/html'],
    ],
    body: page(
      '500 Unable to connect',
      'Unable to connect',
      'Tinyproxy was unable to connect to the remote web server.',
    ),
  }),
} as const satisfies Record<string, (facts: ConnectionFacts) => Refusal>;

const PROXIES = Object.keys(REFUSALS) as (keyof typeof REFUSALS)[];

/** Refuses the tunnel as a proxy does whose resolver knows no such host. */
export const dnsFailure = defineFault({
  kind: 'dns-failure',
  phase: 'connection',
  changes: 'answer',
  summary: 'Refuse the tunnel because the host does not resolve, as a proxy reports it.',
  details:
    'A client behind a proxy never resolves the host itself: it sees its CONNECT refused, and each proxy has its own ' +
    'words for it. Few name the cause: `mitmproxy` (502) does in its body, `squid` up to 4 (503) in its body and in ' +
    '`x-squid-error: ERR_DNS_FAIL`; `squid-5` (500) and `tinyproxy` (500) say only that they cannot connect. Most ' +
    'clients show the status alone: [network-faults.md](network-faults.md). Acts on CONNECT alone: calls by base URL ' +
    'have no tunnel.',
  params: z.strictObject({
    proxy: z
      .enum(PROXIES, { error: `proxy is ${PROXIES.slice(0, -1).join(', ')} or ${PROXIES.at(-1)}` })
      .default('mitmproxy')
      .describe('Whose words: `mitmproxy` (502), `squid` (503), `squid-5` (500) or `tinyproxy` (500).'),
  }),
  example: { proxy: 'squid' },
  plan:
    ({ proxy }) =>
    ({ facts }) => [{ do: 'refuse', ...REFUSALS[proxy](facts) }],
});

function squidHeaders(server: string, error: string): readonly Header[] {
  return [
    ['Server', server],
    ['Mime-Version', '1.0'],
    ['Content-Type', 'text/html;charset=utf-8'],
    ['X-Squid-Error', `${error} 0`],
    ['Vary', 'Accept-Language'],
    ['Content-Language', 'en'],
  ];
}

function squidPage(sentence: string): string {
  return page(
    'ERROR: The requested URL could not be retrieved',
    'The requested URL could not be retrieved',
    sentence,
  );
}

function page(title: string, heading: string, text: string): string {
  return `<html><head><title>${title}</title></head><body><h1>${heading}</h1><p>${text}</p></body></html>`;
}
