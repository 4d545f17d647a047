import { describe, expect, it } from 'vitest';
import { Hints } from '../../src/observe/hints.ts';

const hint = (code: string, message: string): string | undefined =>
  new Hints().observe({ v: 1, type: 'exchange.error', at: 0, exchange: 1, cause: 'natural', code, message });

describe('a hint on TLS that failed', () => {
  it('names --upstream-ca only where an authority is not known', () => {
    expect(
      hint('upstream-tls', 'the certificate of h:1 was not accepted: x (SELF_SIGNED_CERT_IN_CHAIN)'),
    ).toMatch(/--upstream-ca FILE/);
    for (const code of ['CERT_HAS_EXPIRED', 'ERR_TLS_CERT_ALTNAME_INVALID'])
      expect(hint('upstream-tls', `the certificate of h:1 was not accepted: x (${code})`)).toMatch(/clock/);
  });

  it('says that plain HTTP is to be named as such', () => {
    expect(hint('upstream-tls', 'h:1 does not speak TLS (wrong version number)')).toMatch(/--upstream http:/);
  });

  it('says nothing where it knows no cure', () => {
    expect(hint('upstream-tls', 'TLS with h:1 failed: sslv3 alert handshake failure')).toBeUndefined();
  });
});
