/** `openssl verify -x509_strict` on our chain: the strictest reader at hand. */
import { generateKeyPairSync } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openAuthority } from '../../src/ca/authority.ts';
import { contextPrimitive, octetString, oid, sequence } from '../../src/ca/der.ts';
import { EXTENSION } from '../../src/ca/extension-ids.ts';
import { parseHostName } from '../../src/ca/host-name.ts';
import { issuerOf } from '../../src/ca/issuer.ts';
import { issueLeaf, leafKey } from '../../src/ca/leaf.ts';
import { writePem } from '../../src/ca/pem.ts';
import { readStore, storePaths } from '../../src/ca/store.ts';
import { certifyNames, leafFor, makeSubordinate, temporaryDirectory } from './support.ts';
import { openssl, run } from './tools.ts';

test.runIf(process.env.CI && process.platform === 'linux')('openssl is there on CI', () => {
  expect(openssl).toBe('openssl');
});

describe.skipIf(!openssl)('openssl verify -x509_strict', () => {
  /** @returns `OK` or the error's number */
  async function verify(stateDir: string, leafPem: string, purpose = 'sslserver'): Promise<string> {
    const leaf = join(stateDir, 'leaf.pem');
    await writeFile(leaf, leafPem);
    const { certificate, key } = storePaths(stateDir);
    const trust = ['-CAfile', certificate, '-untrusted', key];
    const args = ['verify', '-x509_strict', '-purpose', purpose, ...trust, leaf];
    const { code, output } = await run(openssl!, args);
    return code === 0 ? 'OK' : (/error (\d+)/.exec(output)?.[1] ?? output);
  }
  const UNSUITABLE = '26';
  const PERMITTED = '47';
  const EXCLUDED = '48';

  test.each([
    { targets: ['api.anthropic.com'], host: 'api.anthropic.com', expected: 'OK' },
    { targets: ['api.anthropic.com'], host: 'wrong-host.api.anthropic.com', expected: 'OK' },
    { targets: ['api.anthropic.com'], host: 'anthropic.com', expected: PERMITTED },
    { targets: ['api.anthropic.com'], host: 'example.com', expected: PERMITTED },
    { targets: ['api.anthropic.com'], host: '127.0.0.1', expected: EXCLUDED },
    { targets: ['api.anthropic.com'], host: '10.0.0.1', expected: EXCLUDED },
    { targets: ['api.anthropic.com'], host: '2001:db8::1', expected: EXCLUDED },
    { targets: ['*.example.com'], host: 'a.b.example.com', expected: 'OK' },
    { targets: ['127.0.0.1', '[::1]:8443'], host: '127.0.0.1', expected: 'OK' },
    { targets: ['127.0.0.1', '[::1]:8443'], host: '::1', expected: 'OK' },
    { targets: ['127.0.0.1', '[::1]:8443'], host: '10.0.0.1', expected: PERMITTED },
    { targets: ['127.0.0.1'], host: '::1', expected: PERMITTED },
    { targets: ['127.0.0.1'], host: 'example.com', expected: PERMITTED },
    { targets: ['::1'], host: '127.0.0.1', expected: PERMITTED },
  ])('targets $targets, leaf for $host: $expected', async ({ targets, host, expected }) => {
    const stateDir = await temporaryDirectory();
    await openAuthority({ stateDir, targets });
    expect(await verify(stateDir, await leafFor(stateDir, host))).toBe(expected);
  });

  test('the intermediate is whole, and no server certificate itself', async () => {
    const stateDir = await temporaryDirectory();
    await openAuthority({ stateDir, targets: ['api.anthropic.com'] });
    const stored = await readStore(storePaths(stateDir));
    const issuer = stored!.issuer.toString();
    expect(await verify(stateDir, issuer, 'any')).toBe('OK');
    expect(await verify(stateDir, issuer)).toBe(UNSUITABLE);
  });

  test.each([
    { kind: 'mail', name: contextPrimitive(1, Buffer.from('ceo@api.anthropic.com')) },
    { kind: 'URI', name: contextPrimitive(6, Buffer.from('https://api.anthropic.com/')) },
  ])('a $kind name is outside of every constraint', async ({ name }) => {
    const stateDir = await temporaryDirectory();
    await openAuthority({ stateDir, targets: ['api.anthropic.com'] });
    const stored = await readStore(storePaths(stateDir));
    const issuer = issuerOf(stored!.issuer, stored!.key, '');
    const names = sequence(oid(EXTENSION.subjectAltName), octetString(sequence(name)));
    expect(await verify(stateDir, writePem('CERTIFICATE', certifyNames(issuer, names)))).toBe(PERMITTED);
  });

  test('the intermediate signs for TLS servers only', async () => {
    const stateDir = await temporaryDirectory();
    await openAuthority({ stateDir, targets: ['api.anthropic.com'] });
    const { certificate, key } = storePaths(stateDir);
    const leaf = join(stateDir, 'leaf.pem');
    await writeFile(leaf, await leafFor(stateDir, 'api.anthropic.com'));
    const chain = ['-CAfile', certificate, '-untrusted', key, leaf];
    expect((await run(openssl!, ['verify', '-purpose', 'sslserver', ...chain])).code).toBe(0);
    expect((await run(openssl!, ['verify', '-purpose', 'sslclient', ...chain])).code).not.toBe(0);
    expect((await run(openssl!, ['verify', '-purpose', 'smimesign', ...chain])).code).not.toBe(0);
  });

  test('the intermediate makes no CA below it', async () => {
    const stateDir = await temporaryDirectory();
    await openAuthority({ stateDir, targets: ['api.anthropic.com'] });
    const stored = (await readStore(storePaths(stateDir)))!;
    const below = makeSubordinate(issuerOf(stored.issuer, stored.key, stored.chainPem), Date.now());
    const key = leafKey(generateKeyPairSync('ec', { namedCurve: 'P-256' }));
    const { der } = issueLeaf(below, key, parseHostName('api.anthropic.com')!, Date.now());
    await writeFile(join(stateDir, 'chain.pem'), below.chainPem);
    await writeFile(join(stateDir, 'leaf.pem'), writePem('CERTIFICATE', der));
    const { certificate } = storePaths(stateDir);
    const args = [
      '-CAfile',
      certificate,
      '-untrusted',
      join(stateDir, 'chain.pem'),
      join(stateDir, 'leaf.pem'),
    ];
    expect((await run(openssl!, ['verify', ...args])).output).toMatch(/error 25 .*path length/);
  });
});
