import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type CertificateFlaw, openAuthority, rotateAuthority } from '../../src/ca/authority.ts';
import { handshake, serve, temporaryDirectory } from './support.ts';

const TARGET = 'api.anthropic.com';

describe('our own CA', () => {
  test('lies in a directory and a key file that only the user can read', async () => {
    const stateDir = join(await temporaryDirectory(), 'deep', 'state');
    const authority = await openAuthority({ stateDir, targets: [TARGET] });

    expect(authority.certificatePath).toBe(join(stateDir, 'fault-ca.crt'));
    expect(await readFile(authority.certificatePath, 'utf8')).toBe(authority.certificatePem);
    if (process.platform !== 'win32') {
      expect((await stat(stateDir)).mode & 0o777).toBe(0o700);
      expect((await stat(join(stateDir, 'fault-ca.key'))).mode & 0o777).toBe(0o600);
    }
  });

  test('survives a restart', async () => {
    const stateDir = await temporaryDirectory();
    const first = await openAuthority({ stateDir, targets: [TARGET] });
    const again = await openAuthority({ stateDir, targets: [TARGET] });
    expect(again.certificatePem).toBe(first.certificatePem);
    const { port } = await serve(() => again.secureContext(TARGET));
    expect((await handshake(port, TARGET, first.certificatePem)).outcome).toBe('ok');
  });

  test('serves fewer or deeper targets than it was made for, and refuses others with the cure', async () => {
    const stateDir = await temporaryDirectory();
    await openAuthority({ stateDir, targets: ['*.example.com', '127.0.0.1'] });
    for (const target of ['example.com', '*.eu.example.com', 'a.example.com:8443', '127.0.0.1']) {
      await openAuthority({ stateDir, targets: [target] });
    }
    for (const target of ['example.org', 'notexample.com', '127.0.0.2', '::1']) {
      await expect(openAuthority({ stateDir, targets: [target] })).rejects.toMatchObject({
        code: 'ca-target-changed',
        message: expect.stringContaining(`ca rotate --target-host ${target}`),
      });
    }
  });

  test('rotation makes a new CA for new targets', async () => {
    const stateDir = await temporaryDirectory();
    const old = await openAuthority({ stateDir, targets: [TARGET] });
    const rotated = await rotateAuthority({ stateDir, targets: ['example.com'] });
    expect(rotated.certificatePem).not.toBe(old.certificatePem);
    expect(await readFile(rotated.certificatePath, 'utf8')).toBe(rotated.certificatePem);
    const opened = await openAuthority({ stateDir, targets: ['example.com'] });
    expect(opened.certificatePem).toBe(rotated.certificatePem);
    const { port } = await serve(() => opened.secureContext('example.com'));
    expect((await handshake(port, 'example.com', old.certificatePem)).outcome).not.toBe('ok');
    expect((await handshake(port, 'example.com', rotated.certificatePem)).outcome).toBe('ok');
  });
});

describe('handshakes with a client that trusts the root', () => {
  test.each([
    { host: TARGET, outcome: 'ok' },
    { host: `sub.${TARGET}`, outcome: 'ok' },
    { host: '127.0.0.1', outcome: 'ok' },
    { host: '::1', outcome: 'ok' },
    { host: 'example.com', outcome: 'UNSPECIFIED' },
    { host: 'evilapi.anthropic.com', outcome: 'UNSPECIFIED' },
    { host: '127.0.0.2', outcome: 'UNSPECIFIED' },
    { host: '::2', outcome: 'UNSPECIFIED' },
  ])('$host: $outcome', async ({ host, outcome }) => {
    const authority = await openAuthority({
      stateDir: await temporaryDirectory(),
      targets: [TARGET, '127.0.0.1', '[::1]:443'],
    });
    const { port } = await serve(() => authority.secureContext(host));
    for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
      const limits = { minVersion: version, maxVersion: version };
      const result = await handshake(port, host, authority.certificatePem, limits);
      expect(result.outcome).toBe(outcome);
      if (outcome === 'ok') expect(result.protocol).toBe(version);
      else expect(result.message).toBe('permitted subtree violation');
    }
  });

  test('a target that is a name leaves no address free, and one that is an address no name', async () => {
    const named = await openAuthority({ stateDir: await temporaryDirectory(), targets: [TARGET] });
    const numbered = await openAuthority({ stateDir: await temporaryDirectory(), targets: ['127.0.0.1'] });
    const cases = [
      { authority: named, host: '127.0.0.1' },
      { authority: named, host: '::1' },
      { authority: numbered, host: TARGET },
      { authority: numbered, host: '::1' },
    ];
    for (const { authority, host } of cases) {
      const { port } = await serve(() => authority.secureContext(host));
      expect((await handshake(port, host, authority.certificatePem)).message).toMatch(
        /(excluded|permitted) subtree violation/,
      );
    }
  });

  test.each<{ flaw: CertificateFlaw; outcome: string }>([
    { flaw: 'expired', outcome: 'CERT_HAS_EXPIRED' },
    { flaw: 'wrong-host', outcome: 'ERR_TLS_CERT_ALTNAME_INVALID' },
    { flaw: 'untrusted', outcome: 'SELF_SIGNED_CERT_IN_CHAIN' },
    { flaw: 'self-signed', outcome: 'DEPTH_ZERO_SELF_SIGNED_CERT' },
  ])('flaw $flaw: $outcome', async ({ flaw, outcome }) => {
    const authority = await openAuthority({
      stateDir: await temporaryDirectory(),
      targets: [TARGET, '127.0.0.1'],
    });
    for (const host of [TARGET, '127.0.0.1']) {
      const { port } = await serve(() => authority.secureContext(host, flaw));
      expect((await handshake(port, host, authority.certificatePem)).outcome).toBe(outcome);
    }
  });
});
