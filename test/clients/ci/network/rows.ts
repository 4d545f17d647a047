/** The faults of connections whose names are asked of clients: the rows of docs/network-faults.md. */

export interface Row {
  readonly group: string;
  readonly title: string;
  readonly fault: object;
  /** The rule's `when`, where it has one. */
  readonly when?: object;
  /** The client calls a second time on the same connection, so many milliseconds after its first answer. */
  readonly again?: number;
}

/** What follows from an ending, as the table names it. */
const HOWS = [
  ['reset', 'RST'],
  ['close', 'close_notify, then FIN'],
  ['abrupt', 'FIN without close_notify'],
  ['half-close', 'half-close'],
] as const;

const endings = (group: string, fault: object, point: string): readonly Row[] =>
  HOWS.map(([how, seen]) => ({ group, title: `${seen} ${point}`, fault: { ...fault, how } }));

/** Beyond the head of the stand-in's answer, and well within its body. */
const AMID_BODY = '1500B';

const HANG = 'nothing more, client timeout 2.5 s';

export const rows: readonly Row[] = [
  ...[502, 503, 407].map((status) => ({
    group: 'Refused tunnels',
    title: `CONNECT answered ${status}`,
    fault: { kind: 'refuse-connect', status },
  })),
  ...(['mitmproxy', 'squid', 'squid-5', 'tinyproxy'] as const).map((proxy) => ({
    group: 'Refused tunnels',
    title: `the host does not resolve, as ${proxy} says it`,
    fault: { kind: 'dns-failure', proxy },
  })),
  {
    group: 'Before the request',
    title: 'RST before the TLS handshake',
    fault: { kind: 'connect-failure', how: 'reset', at: 'accept' },
  },
  {
    group: 'Before the request',
    title: 'FIN before the TLS handshake',
    fault: { kind: 'connect-failure', how: 'close', at: 'accept' },
  },
  {
    group: 'Before the request',
    title: 'RST after the TLS hello',
    fault: { kind: 'connect-failure', how: 'reset', at: 'tls-hello' },
  },
  {
    group: 'Before the request',
    title: 'FIN after the TLS hello',
    fault: { kind: 'connect-failure', how: 'close', at: 'tls-hello' },
  },
  {
    group: 'Before the request',
    title: `${HANG}, before the TLS handshake`,
    fault: { kind: 'connect-failure', how: 'hang', at: 'accept' },
  },
  ...endings('Before the request', { kind: 'connect-failure', at: 'handshake' }, 'after the TLS handshake'),
  ...(
    [
      ['expired', 'certificate expired'],
      ['wrong-host', 'certificate of another host'],
      ['untrusted', 'certificate of an unknown CA'],
      ['self-signed', 'self-signed certificate'],
      ['old-protocol', 'alert protocol_version'],
      ['alert', 'alert handshake_failure'],
    ] as const
  ).map(([flaw, title]) => ({ group: 'TLS', title, fault: { kind: 'tls', flaw } })),
  ...endings('In place of an answer', { kind: 'disconnect', at: 'request' }, 'after the request'),
  {
    group: 'In place of an answer',
    title: `${HANG}, after the request`,
    fault: { kind: 'disconnect', how: 'hang', at: 'request' },
  },
  {
    group: 'Within the answer',
    title: 'close_notify, then FIN amid the head',
    fault: { kind: 'disconnect', how: 'close', at: { bytes_down: '60B' } },
  },
  ...endings('Within the answer', { kind: 'disconnect', at: { bytes_down: AMID_BODY } }, 'amid the body'),
  {
    group: 'Within the answer',
    title: `${HANG}, amid the body`,
    fault: { kind: 'disconnect', how: 'hang', at: { bytes_down: AMID_BODY } },
  },
  ...(['reset', 'close'] as const).flatMap((how): Row[] => [
    {
      group: 'A kept connection, at its second call',
      title: `${how === 'reset' ? 'RST' : 'close_notify, then FIN'} 50 ms after the first answer, call 500 ms later`,
      fault: { kind: 'disconnect', how, at: { idle: '50ms' } },
      when: { connection: 'fresh' },
      again: 500,
    },
    {
      group: 'A kept connection, at its second call',
      title: `${how === 'reset' ? 'RST' : 'close_notify, then FIN'} after the second request`,
      fault: { kind: 'disconnect', how, at: 'request' },
      when: { connection: 'reused' },
      again: 0,
    },
  ]),
];
