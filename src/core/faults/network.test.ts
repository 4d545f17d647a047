/** The faults of connections: what they plan, and what they refuse, each with its cure. The wire is in test/wire. */
import { describe, expect, test } from 'vitest';
import { compileRules } from '../rules/compile.ts';
import { probe } from '../rules/probe.ts';
import { RulesProblem } from '../rules/rule-problem.ts';

const compile = (fault: unknown) => compileRules([{ fault }], { seed: '1', messages: 'real' }).rules[0]!;
const planned = (fault: unknown) => probe(compile(fault).outcomes[0]!.faults[0]!);

const HOWS = ['reset', 'close', 'abrupt', 'hang', 'half-close'] as const;

describe('plans', () => {
  test.each(HOWS)('%s at every point where it means something', (how) => {
    const at = (point: unknown) => planned({ kind: 'disconnect', how, at: point });
    expect(at('request')).toEqual([{ do: 'end', at: 'request', how }]);
    expect(at('head')).toEqual([{ do: 'end', at: 'head', how }]);
    expect(at({ bytes_up: '2KiB' })).toEqual([{ do: 'cut', direction: 'up', bytes: 2048, how }]);
    expect(at({ bytes_down: '1B' })).toEqual([{ do: 'cut', direction: 'down', bytes: 1, how }]);
    if (how !== 'hang') expect(at({ idle: '5s' })).toEqual([{ do: 'end', at: 'idle', how, afterMs: 5000 }]);
    for (const [point, phase] of Object.entries({
      accept: 'accept',
      'tls-hello': 'tls',
      handshake: 'secure',
    }))
      expect(planned({ kind: 'connect-failure', how, at: point })).toEqual([{ do: 'end', at: phase, how }]);
  });

  test('a 407 asks for credentials, unless told otherwise', () => {
    expect(planned({ kind: 'refuse-connect', status: 407 })).toMatchObject([
      { do: 'refuse', status: 407, headers: [['Proxy-Authenticate', 'Basic realm="proxy"']] },
    ]);
    const headers = { 'proxy-authenticate': ['Negotiate', 'NTLM'] };
    expect(planned({ kind: 'refuse-connect', status: 407, headers })).toMatchObject([
      {
        headers: [
          ['proxy-authenticate', 'Negotiate'],
          ['proxy-authenticate', 'NTLM'],
        ],
      },
    ]);
  });
});

describe('refused, with the cure', () => {
  test.each<readonly [unknown, string]>([
    [{ kind: 'disconnect', how: 'hang', at: { idle: '5s' } }, 'a connection that idles is silent already'],
    [{ kind: 'disconnect', how: 'fin' }, 'how is reset, close, abrupt, hang or half-close'],
    [{ kind: 'disconnect', at: 'accept' }, 'accept comes before there is a call: use kind: connect-failure'],
    [{ kind: 'disconnect', at: 'body' }, 'at is request, head, { bytes_up: 64KiB }'],
    [{ kind: 'disconnect', at: { bytes_up: '0B' } }, 'at'],
    [{ kind: 'disconnect', at: { bytes_up: '1B', bytes_down: '1B' } }, 'at'],
    [{ kind: 'connect-failure', at: 'request' }, 'once a request was sent, use kind: disconnect'],
    [
      { kind: 'tls', flaw: 'revoked' },
      'flaw is expired, wrong-host, untrusted, self-signed, old-protocol or alert',
    ],
    ['tls', 'flaw'],
    [{ kind: 'refuse-connect', status: 200 }, 'status is a whole number from 400 to 599'],
    [{ kind: 'refuse-connect', headers: { 'content-length': '1' } }, 'content-length'],
    [{ kind: 'dns-failure', proxy: 'nginx' }, 'proxy is'],
    ['slow-accept', 'delay'],
  ])('%j', (fault, message) => {
    expect(() => compile(fault)).toThrow(RulesProblem);
    expect(() => compile(fault)).toThrow(message);
  });
});
