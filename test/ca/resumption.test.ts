/** Sessions resume across connections that share a host's context: a third of a handshake's cost. */
import { describe, expect, test } from 'vitest';
import { openAuthority } from '../../src/ca/authority.ts';
import { handshake, serve, temporaryDirectory } from './support.ts';
import { openssl, run } from './tools.ts';

const TARGET = 'api.anthropic.com';

describe.each(['TLSv1.2', 'TLSv1.3'] as const)('%s', (version) => {
  const only = { minVersion: version, maxVersion: version };

  test('Node resumes on a second connection', async () => {
    const authority = await openAuthority({ stateDir: await temporaryDirectory(), targets: [TARGET] });
    const { port, handshakes } = await serve(() => authority.secureContext(TARGET));
    const first = await handshake(port, TARGET, authority.certificatePem, only);
    const second = await handshake(port, TARGET, authority.certificatePem, {
      ...only,
      session: first.session!,
    });
    expect([first.outcome, first.reused, second.outcome, second.reused]).toEqual(['ok', false, 'ok', true]);
    expect(handshakes.map(({ reused }) => reused)).toEqual([false, true]);
  });

  test('a session of the good certificate does not hide a flawed one', async () => {
    const authority = await openAuthority({ stateDir: await temporaryDirectory(), targets: [TARGET] });
    let flawed = false;
    const { port } = await serve(() => authority.secureContext(TARGET, flawed ? 'expired' : undefined));
    const good = await handshake(port, TARGET, authority.certificatePem, only);
    flawed = true;
    const resumed = await handshake(port, TARGET, authority.certificatePem, {
      ...only,
      session: good.session!,
    });
    expect(resumed.outcome).toBe('CERT_HAS_EXPIRED');
  });
});

describe.each(['TLSv1.2', 'TLSv1.3'] as const)('processes with a ticket secret in common, %s', (version) => {
  const only = { minVersion: version, maxVersion: version };

  test('resume each other’s sessions, and no others', async () => {
    const stateDir = await temporaryDirectory();
    const open = (ticketSecret?: Uint8Array) =>
      openAuthority({ stateDir, targets: [TARGET], ...(ticketSecret === undefined ? {} : { ticketSecret }) });
    const secret = new Uint8Array(32).fill(7);
    const [one, two] = [await open(secret), await open(secret)];
    const others = [await open(new Uint8Array(32).fill(8)), await open()];
    const { port } = await serve(() => one.secureContext(TARGET));
    const { session } = await handshake(port, TARGET, one.certificatePem, only);
    const resumedBy = async (authority: typeof one): Promise<unknown> => {
      const at = await serve(() => authority.secureContext(TARGET));
      const { outcome, reused } = await handshake(at.port, TARGET, one.certificatePem, {
        ...only,
        session: session!,
      });
      return [outcome, reused];
    };
    expect(await resumedBy(two)).toEqual(['ok', true]);
    for (const other of others) expect(await resumedBy(other)).toEqual(['ok', false]);
  });

  test('do not hide a flawed certificate, nor take a session of another host', async () => {
    const authority = await openAuthority({
      ...{ stateDir: await temporaryDirectory(), targets: ['*.example.com'] },
      ticketSecret: new Uint8Array(32).fill(7),
    });
    const good = await serve(() => authority.secureContext('a.example.com'));
    const { session } = await handshake(good.port, 'a.example.com', authority.certificatePem, only);
    const expired = await serve(() => authority.secureContext('a.example.com', 'expired'));
    const other = await serve(() => authority.secureContext('b.example.com'));
    const again = { ...only, session: session! };
    expect((await handshake(expired.port, 'a.example.com', authority.certificatePem, again)).outcome).toBe(
      'CERT_HAS_EXPIRED',
    );
    expect(await handshake(other.port, 'b.example.com', authority.certificatePem, again)).toMatchObject({
      outcome: 'ok',
      reused: false,
    });
  });
});

test.skipIf(!openssl)('openssl s_client -reconnect resumes five times', async () => {
  const authority = await openAuthority({ stateDir: await temporaryDirectory(), targets: [TARGET] });
  const { port, handshakes } = await serve(() => authority.secureContext(TARGET));
  const { output } = await run(openssl!, [
    's_client',
    ...[
      '-connect',
      `127.0.0.1:${port}`,
      '-servername',
      TARGET,
      '-verify_hostname',
      TARGET,
      '-verify_return_error',
    ],
    ...['-CAfile', authority.certificatePath, '-tls1_2', '-reconnect'],
  ]);
  expect(output.match(/^Reused, TLSv1\.2/gm)).toHaveLength(5);
  expect(output).toMatch(/Verify return code: 0 \(ok\)/);
  expect(handshakes.map(({ reused }) => reused)).toEqual([false, true, true, true, true, true]);
});

test('contexts of two hosts do not take each other’s sessions', async () => {
  const authority = await openAuthority({ stateDir: await temporaryDirectory(), targets: ['*.example.com'] });
  const a = await serve(() => authority.secureContext('a.example.com'));
  const b = await serve(() => authority.secureContext('b.example.com'));
  const first = await handshake(a.port, 'a.example.com', authority.certificatePem);
  const other = await handshake(b.port, 'b.example.com', authority.certificatePem, {
    session: first.session!,
  });
  expect([other.outcome, other.reused]).toEqual(['ok', false]);
});
