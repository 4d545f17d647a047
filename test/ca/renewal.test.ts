/** Leaves over the life of a CA, on a clock that is set by hand. */
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { connect, type SecureContext } from 'node:tls';
import { expect, test } from 'vitest';
import { type CertificateAuthority, openAuthority } from '../../src/ca/authority.ts';
import { validity } from '../../src/ca/validity.ts';
import { serve, temporaryDirectory } from './support.ts';

const TARGET = 'api.anthropic.com';
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const START = Date.UTC(2026, 10, 23, 12);

async function open(): Promise<{
  authority: CertificateAuthority;
  stateDir: string;
  clock: { now: number };
}> {
  const clock = { now: START };
  const stateDir = await temporaryDirectory();
  const authority = await openAuthority({ stateDir, targets: [TARGET], clock: { wall: () => clock.now } });
  return { authority, stateDir, clock };
}

/** The chain that a context presents, leaf first. */
async function presented(context: () => SecureContext): Promise<X509Certificate[]> {
  const { port } = await serve(context);
  const socket = connect({ port, host: '127.0.0.1', servername: TARGET, rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  const { raw, issuerCertificate } = socket.getPeerCertificate(true);
  socket.destroy();
  return [raw, issuerCertificate.raw].map((der) => new X509Certificate(der));
}

test('a context is the same object until its leaf nears its end, and another after', async () => {
  const { authority, clock } = await open();
  const first = authority.secureContext(TARGET);
  clock.now = START + 6 * DAY - HOUR;
  expect(authority.secureContext(TARGET)).toBe(first);
  clock.now = START + 6 * DAY + HOUR;
  const second = authority.secureContext(TARGET);
  expect(second).not.toBe(first);
  expect(authority.secureContext(TARGET)).toBe(second);
  clock.now = START - 2 * HOUR;
  expect(authority.secureContext(TARGET)).not.toBe(second);
});

test('at every moment of two years the leaf is valid, short-lived, and within its issuer’s life', async () => {
  const { authority, clock } = await open();
  for (let day = 0; day < 730; day += 29.3) {
    clock.now = START + day * DAY;
    const [leaf, issuer] = await presented(() => authority.secureContext(TARGET));
    const { notBefore, notAfter } = validity(leaf!);
    expect(notBefore).toBeLessThanOrEqual(clock.now);
    expect(notAfter).toBeGreaterThan(clock.now);
    expect(notAfter - notBefore).toBeLessThanOrEqual(8 * DAY);
    expect(notBefore).toBeGreaterThanOrEqual(validity(issuer!).notBefore);
    expect(notAfter).toBeLessThanOrEqual(validity(issuer!).notAfter);
  }
});

test('a leaf is backdated by an hour for clients whose clocks lag', async () => {
  const { authority } = await open();
  const [leaf] = await presented(() => authority.secureContext(TARGET));
  expect(validity(leaf!)).toEqual({ notBefore: START - HOUR, notAfter: START + 7 * DAY });
});

test('serials differ, have 16 bytes, and are positive', async () => {
  const { authority, clock } = await open();
  const serials = new Set<string>();
  for (let week = 0; week < 20; week += 1) {
    clock.now = START + week * 7 * DAY;
    const [leaf] = await presented(() => authority.secureContext(TARGET));
    expect(leaf!.serialNumber).toMatch(/^[4-7][0-9A-F]{31}$/);
    serials.add(leaf!.serialNumber);
  }
  expect(serials.size).toBe(20);
});

test('an expired CA of ours says what to do', async () => {
  const { stateDir } = await open();
  const late = { wall: () => START + 731 * DAY };
  await expect(openAuthority({ stateDir, targets: [TARGET], clock: late })).rejects.toMatchObject({
    code: 'bad-ca',
    message: expect.stringMatching(
      /expired on 2028-11-22; run "ca rotate --target-host api\.anthropic\.com --state-dir \S+" and trust the new certificate\.$/,
    ),
  });
});

test('contexts of 256 hosts are kept, and the one used longest ago goes first', async () => {
  const { authority } = await open();
  const kept = authority.secureContext('kept.example');
  const dropped = authority.secureContext('dropped.example');
  for (let i = 0; i < 254; i += 1) authority.secureContext(`h${i}.example`);
  expect(authority.secureContext('kept.example')).toBe(kept);
  authority.secureContext('one-more.example');
  expect(authority.secureContext('kept.example')).toBe(kept);
  expect(authority.secureContext('dropped.example')).not.toBe(dropped);
});

test('one name has one context however it is written, and junk has none', async () => {
  const { authority } = await open();
  expect(authority.secureContext('API.Anthropic.com.')).toBe(authority.secureContext(TARGET));
  expect(authority.secureContext('[::1]')).toBe(authority.secureContext('0:0:0:0:0:0:0:1'));
  for (const junk of ['', 'a b', 'a\0b', 'x'.repeat(300)]) {
    expect(() => authority.secureContext(junk)).toThrow(
      expect.objectContaining({ code: 'client-tls-failed' }),
    );
  }
});
