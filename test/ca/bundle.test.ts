import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { expect, test } from 'vitest';
import { openAuthority } from '../../src/ca/authority.ts';
import { type BundleOptions, type Bundles, writeBundles } from '../../src/ca/bundle.ts';
import { readPemCertificates } from '../../src/ca/pem.ts';
import { systemRoots } from '../../src/ca/system-roots.ts';
import { handshake, serve, temporaryDirectory } from './support.ts';
import { keytool, run } from './tools.ts';

const [SYSTEM, OTHER, THEIRS, EXTRA] = rootCertificates as [string, string, string, string];

async function certificatesIn(path: string): Promise<string[]> {
  return readPemCertificates(await readFile(path, 'utf8')).map(({ der }) => der.toString('base64'));
}

function base64(...pems: string[]): string[] {
  return pems.map((pem) => readPemCertificates(pem)[0]!.der.toString('base64'));
}

test('one file replaces roots, the other adds; nothing of the user is lost, nothing stands twice', async () => {
  const directory = await temporaryDirectory();
  const theirs = join(directory, 'theirs.pem');
  const extra = join(directory, 'extra.pem');
  const { certificatePem } = await openAuthority({
    stateDir: join(directory, 'state'),
    targets: ['x.example'],
  });
  await writeFile(theirs, Buffer.from(`# Firma M\xfcller\n${THEIRS}\n${SYSTEM}`, 'latin1'));
  await writeFile(extra, EXTRA.replaceAll('\n', '\r\n'));
  const bundles = await writeBundles({
    directory: join(directory, 'run'),
    certificatePem,
    systemPem: `${SYSTEM}\n${OTHER}`,
    env: { SSL_CERT_FILE: theirs, NODE_EXTRA_CA_CERTS: extra },
  });
  expect(await certificatesIn(bundles.replacing)).toEqual(
    base64(SYSTEM, OTHER, THEIRS, EXTRA, certificatePem),
  );
  expect(await certificatesIn(bundles.adding)).toEqual(base64(EXTRA, certificatePem));
  expect(bundles.notices).toEqual([]);
});

test('a variable that names no certificates is told and left out', async () => {
  const directory = await temporaryDirectory();
  const junk = join(directory, 'junk.pem');
  await writeFile(junk, 'junk');
  const options: BundleOptions = {
    directory,
    certificatePem: OTHER,
    systemPem: SYSTEM,
    env: { SSL_CERT_FILE: join(directory, 'gone.pem'), NODE_EXTRA_CA_CERTS: junk, CURL_CA_BUNDLE: '' },
  };
  const bundles = await writeBundles(options);
  expect(await certificatesIn(bundles.replacing)).toEqual(base64(SYSTEM, OTHER));
  expect(bundles.notices).toEqual([
    `SSL_CERT_FILE names ${join(directory, 'gone.pem')}, which holds no PEM certificates; it is left out.`,
    `NODE_EXTRA_CA_CERTS names ${junk}, which holds no PEM certificates; it is left out.`,
  ]);
});

test('runs with different roots get different files, the same roots the same', async () => {
  const directory = await temporaryDirectory();
  const write = (certificatePem: string): Promise<Bundles> =>
    writeBundles({ directory, certificatePem, systemPem: SYSTEM, env: {} });
  const [one, again, two] = await Promise.all([write(OTHER), write(OTHER), write(THEIRS)]);
  expect(again).toEqual(one);
  expect(two.replacing).not.toBe(one.replacing);
  expect(await readdir(directory)).toHaveLength(10);
});

test('a bundle inside a bundle does not grow', async () => {
  const directory = await temporaryDirectory();
  const options = { directory, certificatePem: OTHER, systemPem: SYSTEM };
  const outer = await writeBundles({ ...options, env: {} });
  const env = { SSL_CERT_FILE: outer.replacing, NODE_EXTRA_CA_CERTS: outer.adding };
  expect(await writeBundles({ ...options, env })).toMatchObject(outer);
});

test('a client that trusts the bundle accepts our leaf', async () => {
  const directory = await temporaryDirectory();
  const authority = await openAuthority({ stateDir: directory, targets: ['x.example'] });
  const { replacing } = await writeBundles({ directory, certificatePem: authority.certificatePem, env: {} });
  const { port } = await serve(() => authority.secureContext('x.example'));
  const bundle = await readFile(replacing, 'utf8');
  expect((await handshake(port, 'x.example', bundle)).outcome).toBe('ok');
  // The system's own are in it.
  expect(readPemCertificates(bundle).length).toBeGreaterThan(50);
});

test('system roots: the first bundle that holds certificates, else what Node was built with', async () => {
  const directory = await temporaryDirectory();
  const [empty, folder, good] = [
    join(directory, 'empty'),
    join(directory, 'folder'),
    join(directory, 'good.pem'),
  ];
  await writeFile(empty, '# nothing');
  await mkdir(folder);
  await writeFile(good, SYSTEM);
  const found = await systemRoots({
    bundles: [empty, folder, join(directory, 'gone'), good],
    platform: 'linux',
  });
  expect(found).toEqual({ pem: SYSTEM, sources: [good], path: good });
  const none = await systemRoots({ bundles: [empty], platform: 'linux' });
  expect(none.sources).toEqual(["Node's own list"]);
  expect(readPemCertificates(none.pem)).toHaveLength(rootCertificates.length);
  const windows = await systemRoots({ platform: 'win32' });
  expect(windows.sources).toContain("Node's own list");
});

test('settings of other runtimes lead to the same roots', async () => {
  const directory = await temporaryDirectory();
  const wgetrc = join(directory, 'their-wgetrc');
  await writeFile(wgetrc, 'tries = 3');
  const { replacing, java, php, wget } = await writeBundles({
    directory: join(directory, 'roots'),
    certificatePem: OTHER,
    systemPem: SYSTEM,
    env: { SYSTEM_WGETRC: wgetrc },
  });
  expect(await readdir(php)).toEqual(['roots.ini']);
  expect(await readFile(join(php, 'roots.ini'), 'utf8')).toBe(
    `curl.cainfo = "${replacing}"\nopenssl.cafile = "${replacing}"\n`,
  );
  expect(await readFile(wget, 'utf8')).toBe(`tries = 3\nca_certificate = ${replacing}\n`);
  const store = await readFile(java);
  for (const pem of [SYSTEM, OTHER]) expect(store.includes(readPemCertificates(pem)[0]!.der)).toBe(true);
});

test.skipIf(!keytool)('Java’s keytool reads the roots as they stand', async () => {
  const directory = await temporaryDirectory();
  const { java } = await writeBundles({ directory, certificatePem: OTHER, systemPem: SYSTEM, env: {} });
  const { code, output } = await run(keytool!, ['-list', '-keystore', java, '-storetype', 'JKS', '-rfc'], {
    input: '\n',
  });
  expect([code, readPemCertificates(output).map(({ der }) => der.toString('base64'))]).toEqual([
    0,
    base64(SYSTEM, OTHER),
  ]);
});
