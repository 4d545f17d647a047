/** The user's own CA, in every form that works, and every form that does not. Keys and certificates are made here. */
import { generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { openAuthority } from '../../src/ca/authority.ts';
import { commonName, publicKeyInfo, signCertificate } from '../../src/ca/certificate.ts';
import { KEY_USAGE } from '../../src/ca/extension-ids.ts';
import * as extensions from '../../src/ca/extensions.ts';
import { parseTarget } from '../../src/ca/host-name.ts';
import { keyIdentifier } from '../../src/ca/key-identifier.ts';
import { constraintsFor } from '../../src/ca/name-constraints.ts';
import { writePem } from '../../src/ca/pem.ts';
import { handshake, serve, temporaryDirectory } from './support.ts';

const TARGET = 'api.anthropic.com';
const DAY = 86_400_000;

interface Pair {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

let rsa: Pair;
const ec = (namedCurve = 'P-256'): Pair => generateKeyPairSync('ec', { namedCurve });

beforeAll(() => {
  rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
});

interface Recipe {
  readonly name?: string;
  readonly issuer?: { readonly name: string; readonly pair: Pair };
  readonly from?: number;
  readonly to?: number;
  readonly more?: readonly Buffer[];
  readonly basics?: readonly Buffer[];
  readonly identifiers?: boolean;
}

const CA_BASICS = [
  extensions.basicConstraints(1),
  extensions.keyUsage(KEY_USAGE.keyCertSign, KEY_USAGE.crlSign),
];

function certificate(pair: Pair, recipe: Recipe = {}): string {
  const { name = `Corporate CA ${randomBytes(3).toString('hex')}`, from = -DAY, to = 30 * DAY } = recipe;
  const { basics = CA_BASICS, more = [], identifiers = true } = recipe;
  const issuer = recipe.issuer ?? { name, pair };
  const key = publicKeyInfo(pair.publicKey);
  const ids = [
    extensions.subjectKeyIdentifier(keyIdentifier(key)),
    extensions.authorityKeyIdentifier(keyIdentifier(publicKeyInfo(issuer.pair.publicKey))),
  ];
  const draft = {
    subject: commonName(name),
    issuer: commonName(issuer.name),
    notBefore: Date.now() + from,
    notAfter: Date.now() + to,
    publicKey: key,
    extensions: [...basics, ...(identifiers ? ids : []), ...more],
  };
  return writePem('CERTIFICATE', signCertificate(draft, issuer.pair.privateKey));
}

const pkcs8 = (pair: Pair): string => pair.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;

/** Writes both files and opens the authority on them. */
async function open(
  cert: string | Uint8Array,
  key: string | Uint8Array,
): Promise<Awaited<ReturnType<typeof openAuthority>>> {
  const directory = await temporaryDirectory();
  const [caCert, caKey] = [join(directory, 'my-ca.pem'), join(directory, 'my-ca-key.pem')];
  await writeFile(caCert, cert);
  await writeFile(caKey, key);
  return openAuthority({ stateDir: join(directory, 'unused'), targets: [TARGET], caCert, caKey });
}

describe('works', () => {
  const forms: { form: string; pair: () => Pair; key: (pair: Pair) => string }[] = [
    {
      form: 'RSA, PKCS#1',
      pair: () => rsa,
      key: (p) => p.privateKey.export({ type: 'pkcs1', format: 'pem' }) as string,
    },
    { form: 'RSA, PKCS#8', pair: () => rsa, key: pkcs8 },
    {
      form: 'EC P-256, SEC1',
      pair: ec,
      key: (p) => p.privateKey.export({ type: 'sec1', format: 'pem' }) as string,
    },
    { form: 'EC P-256, PKCS#8', pair: ec, key: pkcs8 },
    { form: 'EC P-384, PKCS#8', pair: () => ec('P-384'), key: pkcs8 },
    {
      form: 'EC P-521, SEC1',
      pair: () => ec('P-521'),
      key: (p) => p.privateKey.export({ type: 'sec1', format: 'pem' }) as string,
    },
    {
      form: 'EC, SEC1 with its parameters in a block before it, CRLF',
      pair: ec,
      key: (p) =>
        `${writePem('EC PARAMETERS', Buffer.from('06082a8648ce3d030107', 'hex'))}${p.privateKey.export({ type: 'sec1', format: 'pem' })}`.replaceAll(
          '\n',
          '\r\n',
        ),
    },
  ];
  test.each(forms)('$form', async ({ pair, key }) => {
    const made = pair();
    const pem = certificate(made);
    const authority = await open(pem, key(made));
    expect(authority.certificatePem).toBe(pem);
    expect(authority.certificatePath).toMatch(/my-ca\.pem$/);
    const { port } = await serve(() => authority.secureContext(TARGET));
    for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
      const result = await handshake(port, TARGET, pem, { minVersion: version, maxVersion: version });
      expect(result.outcome).toBe('ok');
    }
  });

  test('a CA without key identifiers or key usage', async () => {
    const pair = ec();
    const pem = certificate(pair, { basics: [extensions.basicConstraints(0)], identifiers: false });
    const authority = await open(pem, pkcs8(pair));
    const { port } = await serve(() => authority.secureContext(TARGET));
    expect((await handshake(port, TARGET, pem)).outcome).toBe('ok');
  });

  test('certificate and key together in one file with comments', async () => {
    const pair = ec();
    const both = `Bag Attributes: ünïcode\n${pkcs8(pair)}subject=CN = x\n${certificate(pair)}`;
    expect((await open(both, both)).certificatePem).toContain('BEGIN CERTIFICATE');
  });

  test('an intermediate with its chain in any order: clients that trust the root alone', async () => {
    const root = { name: 'Corporate Root', pair: ec() };
    const middle = { name: 'Corporate Middle', pair: rsa };
    const low = ec();
    const rootPem = certificate(root.pair, { name: root.name, basics: [extensions.basicConstraints(2)] });
    const middlePem = certificate(middle.pair, { name: middle.name, issuer: root });
    const lowPem = certificate(low, { name: 'Corporate Low', issuer: middle });
    const other = certificate(ec());
    const authority = await open(rootPem + other + lowPem + middlePem, pkcs8(low));
    expect(authority.certificatePem).toBe(rootPem);
    const { port } = await serve(() => authority.secureContext(TARGET));
    expect((await handshake(port, TARGET, rootPem)).outcome).toBe('ok');
  });

  test('name constraints that cover the target', async () => {
    const pair = ec();
    const limits = [extensions.nameConstraints(constraintsFor([parseTarget('anthropic.com')]))];
    const pem = certificate(pair, { more: limits });
    const authority = await open(pem, pkcs8(pair));
    const { port } = await serve(() => authority.secureContext(TARGET));
    expect((await handshake(port, TARGET, pem)).outcome).toBe('ok');
  });

  test('the flaws are those of the built-in CA', async () => {
    const pair = ec();
    const pem = certificate(pair);
    const authority = await open(pem, pkcs8(pair));
    const codes: string[] = [];
    for (const flaw of ['expired', 'wrong-host', 'untrusted', 'self-signed'] as const) {
      const { port } = await serve(() => authority.secureContext(TARGET, flaw));
      codes.push((await handshake(port, TARGET, pem)).outcome);
    }
    expect(codes).toEqual([
      'CERT_HAS_EXPIRED',
      'ERR_TLS_CERT_ALTNAME_INVALID',
      'SELF_SIGNED_CERT_IN_CHAIN',
      'DEPTH_ZERO_SELF_SIGNED_CERT',
    ]);
  });

  test('the state directory is left alone', async () => {
    const directory = await temporaryDirectory();
    // Making a CA there would fail.
    const stateDir = join(directory, 'file', 'state');
    await writeFile(join(directory, 'file'), '');
    const pair = ec();
    const [caCert, caKey] = [join(directory, 'c.pem'), join(directory, 'k.pem')];
    await writeFile(caCert, certificate(pair));
    await writeFile(caKey, pkcs8(pair));
    await openAuthority({ stateDir, targets: [TARGET], caCert, caKey });
  });
});

describe('is refused in one sentence with the cure', () => {
  const cases: {
    what: string;
    files: () => [cert: string | Uint8Array, key: string | Uint8Array];
    says: RegExp;
  }[] = [
    {
      what: 'a key of another certificate',
      files: () => [certificate(ec()), pkcs8(ec())],
      says: /does not belong to the certificate/,
    },
    {
      what: 'a certificate that is no CA',
      files: () => {
        const pair = ec();
        return [certificate(pair, { basics: [extensions.basicConstraints(undefined)] }), pkcs8(pair)];
      },
      says: /is not a CA .*CA:TRUE/,
    },
    {
      what: 'a certificate without basic constraints',
      files: () => {
        const pair = ec();
        return [certificate(pair, { basics: [] }), pkcs8(pair)];
      },
      says: /is not a CA/,
    },
    {
      what: 'a CA whose key may not sign certificates',
      files: () => {
        const pair = ec();
        const basics = [extensions.basicConstraints(0), extensions.keyUsage(KEY_USAGE.crlSign)];
        return [certificate(pair, { basics }), pkcs8(pair)];
      },
      says: /is not a CA .*Certificate Sign/,
    },
    {
      what: 'an expired CA',
      files: () => {
        const pair = ec();
        return [certificate(pair, { from: -9 * DAY, to: -DAY }), pkcs8(pair)];
      },
      says: /expired on \d{4}-\d\d-\d\d; give one that is valid/,
    },
    {
      what: 'a CA of the future',
      files: () => {
        const pair = ec();
        return [certificate(pair, { from: DAY }), pkcs8(pair)];
      },
      says: /valid only from \d{4}-\d\d-\d\d; .*clock/,
    },
    {
      what: 'a CA that is constrained to other hosts',
      files: () => {
        const pair = ec();
        const more = [extensions.nameConstraints(constraintsFor([parseTarget('corp.example')]))];
        return [certificate(pair, { more }), pkcs8(pair)];
      },
      says: /constrained to corp\.example and cannot sign for api\.anthropic\.com/,
    },
    {
      what: 'text',
      files: () => ['hello', pkcs8(ec())],
      says: /my-ca\.pem holds no PEM certificate; convert it/,
    },
    {
      what: 'a DER certificate',
      files: () => {
        const pair = ec();
        return [Buffer.from(certificate(pair).replace(/-----.*-----/g, ''), 'base64'), pkcs8(pair)];
      },
      says: /holds no PEM certificate; .*-inform der/,
    },
    {
      what: 'a key in place of the certificate',
      files: () => [pkcs8(ec()), pkcs8(ec())],
      says: /my-ca\.pem holds no PEM certificate/,
    },
    {
      what: 'a broken certificate',
      files: () => [writePem('CERTIFICATE', randomBytes(300)), pkcs8(ec())],
      says: /certificate that cannot be read/,
    },
    {
      what: 'a DER key',
      files: () => {
        const pair = ec();
        return [certificate(pair), pair.privateKey.export({ type: 'pkcs8', format: 'der' })];
      },
      says: /my-ca-key\.pem holds no PEM private key; .*-inform der/,
    },
    {
      what: 'a public key',
      files: () => {
        const pair = ec();
        return [certificate(pair), pair.publicKey.export({ type: 'spki', format: 'pem' }) as string];
      },
      says: /holds no PEM private key/,
    },
    {
      what: 'a broken key',
      files: () => [certificate(ec()), writePem('PRIVATE KEY', randomBytes(100))],
      says: /private key that cannot be read/,
    },
    {
      what: 'an encrypted PKCS#8 key',
      files: () => {
        const pair = ec();
        const options = { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' } as const;
        return [certificate(pair), pair.privateKey.export(options)];
      },
      says: /is encrypted; decrypt it with: openssl pkey/,
    },
    {
      what: 'an encrypted PKCS#1 key',
      files: () => {
        const options = { type: 'pkcs1', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' } as const;
        return [certificate(rsa), rsa.privateKey.export(options)];
      },
      says: /is encrypted; decrypt it/,
    },
    {
      what: 'an Ed25519 key',
      files: () => [certificate(ec()), pkcs8(generateKeyPairSync('ed25519'))],
      says: /neither RSA nor EC on P-256, P-384 or P-521/,
    },
    {
      what: 'an EC key on a curve that TLS does not know',
      files: () => [certificate(ec()), pkcs8(ec('secp256k1'))],
      says: /neither RSA nor EC/,
    },
    {
      what: 'a short RSA key',
      files: () => [certificate(ec()), pkcs8(generateKeyPairSync('rsa', { modulusLength: 1024 }))],
      says: /has 1024 bits.*at least 2048/,
    },
  ];
  test.each(cases)('$what', async ({ files, says }) => {
    const [cert, key] = files();
    const error = await open(cert, key).then(
      () => 'accepted',
      (reason: unknown) => reason,
    );
    expect(error).toMatchObject({ code: 'bad-ca', message: expect.stringMatching(says) });
    // One sentence, on one line.
    expect((error as Error).message).toMatch(/^[^\n]+\.$/);
  });

  test('one of the pair', async () => {
    const options = { stateDir: await temporaryDirectory(), targets: [TARGET] };
    await expect(openAuthority({ ...options, caCert: 'a.pem' })).rejects.toMatchObject({
      code: 'bad-ca',
      message: expect.stringMatching(/^--ca-cert was given without --ca-key; give both/),
    });
    await expect(openAuthority({ ...options, caKey: 'a.pem' })).rejects.toMatchObject({
      code: 'bad-ca',
      message: expect.stringMatching(/^--ca-key was given without --ca-cert; give both/),
    });
  });

  test('a missing file, and a directory', async () => {
    const directory = await temporaryDirectory();
    const pair = ec();
    const present = join(directory, 'there.pem');
    await writeFile(present, certificate(pair) + pkcs8(pair));
    await mkdir(join(directory, 'folder'));
    const gone = join(directory, 'gone.pem');
    const options = { stateDir: directory, targets: [TARGET] };
    await expect(openAuthority({ ...options, caCert: gone, caKey: present })).rejects.toMatchObject({
      code: 'file-not-found',
      message: `Cannot read the CA certificate ${gone}: it does not exist; correct --ca-cert.`,
    });
    await expect(openAuthority({ ...options, caCert: present, caKey: gone })).rejects.toMatchObject({
      code: 'file-not-found',
      message: `Cannot read the CA key ${gone}: it does not exist; correct --ca-key.`,
    });
    const folder = join(directory, 'folder');
    await expect(openAuthority({ ...options, caCert: folder, caKey: present })).rejects.toMatchObject({
      kind: 'user',
      message: expect.stringMatching(/it is a directory; correct --ca-cert/),
    });
  });
});
