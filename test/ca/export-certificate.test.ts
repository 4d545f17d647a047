import { lstat, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openAuthority, rotateAuthority } from '../../src/ca/authority.ts';
import { describeAuthority, describeCertificate } from '../../src/ca/describe.ts';
import { exportCertificate } from '../../src/ca/export-certificate.ts';
import { temporaryDirectory } from './support.ts';

const targets = ['api.anthropic.com', '127.0.0.1'];

test('a new file, and an earlier export of any age, are written', async () => {
  const directory = await temporaryDirectory();
  const path = join(directory, 'ca.pem');
  const old = await openAuthority({ stateDir: join(directory, 'state'), targets });
  await exportCertificate(old.certificatePem, path);
  expect(await readFile(path, 'utf8')).toBe(old.certificatePem);
  const rotated = await rotateAuthority({ stateDir: join(directory, 'state'), targets });
  await writeFile(path, `\r\n${old.certificatePem.replaceAll('\n', '\r\n')}\r\n`);
  await exportCertificate(rotated.certificatePem, path);
  expect(await readFile(path, 'utf8')).toBe(rotated.certificatePem);
  expect((await readdir(directory)).sort()).toEqual(['ca.pem', 'state']);
});

test('nothing else is overwritten', async () => {
  const directory = await temporaryDirectory();
  const stateDir = join(directory, 'state');
  const { certificatePem } = await openAuthority({ stateDir, targets });
  const key = await readFile(join(stateDir, 'fault-ca.key'), 'utf8');
  const precious = {
    text: 'dear diary',
    empty: '',
    key: key.slice(0, key.indexOf('-----BEGIN CERTIFICATE')),
    'key and chain': key,
    bundle: certificatePem + certificatePem,
    'certificate with notes': `my notes\n${certificatePem}`,
  };
  for (const [name, contents] of Object.entries(precious)) {
    const path = join(directory, name);
    await writeFile(path, contents);
    await expect(exportCertificate(certificatePem, path)).rejects.toMatchObject({
      code: 'file-exists',
      message: `${path} exists and is not an exported certificate; choose another path, or remove it.`,
    });
    expect(await readFile(path, 'utf8')).toBe(contents);
  }
  await mkdir(join(directory, 'folder'));
  await expect(exportCertificate(certificatePem, join(directory, 'folder'))).rejects.toMatchObject({
    code: 'file-exists',
  });
});

test.runIf(process.platform !== 'win32')('a link is neither followed nor replaced', async () => {
  const directory = await temporaryDirectory();
  const { certificatePem } = await openAuthority({ stateDir: join(directory, 'state'), targets });
  const [target, link] = [join(directory, 'target.pem'), join(directory, 'link.pem')];
  await exportCertificate(certificatePem, target);
  await symlink(target, link);
  await expect(exportCertificate(certificatePem, link)).rejects.toMatchObject({ code: 'file-exists' });
  expect((await lstat(link)).isSymbolicLink()).toBe(true);
});

test('a directory that is missing is named', async () => {
  const path = join(await temporaryDirectory(), 'no', 'ca.pem');
  await expect(exportCertificate('x', path)).rejects.toMatchObject({
    code: 'file-not-found',
    message: `The directory of ${path} does not exist; create it, or choose another path.`,
  });
});

test('a description says who, until when, for which hosts; and makes nothing', async () => {
  const stateDir = join(await temporaryDirectory(), 'state');
  expect(await describeAuthority({ stateDir })).toBeUndefined();
  const now = Date.UTC(2026, 10, 23);
  const { certificatePem } = await openAuthority({ stateDir, targets, clock: { wall: () => now } });
  expect(await describeAuthority({ stateDir })).toEqual({
    ...describeCertificate(certificatePem),
    certificatePath: join(stateDir, 'fault-ca.crt'),
    outdated: false,
    keyPath: join(stateDir, 'fault-ca.key'),
  });
  expect(describeCertificate(certificatePem)).toMatchObject({
    name: expect.stringMatching(/^anthropic-error-plugin root [0-9a-f]{8}$/),
    sha256: expect.stringMatching(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/),
    sha1: expect.stringMatching(/^([0-9A-F]{2}:){19}[0-9A-F]{2}$/),
    notBefore: new Date(Date.UTC(2026, 10, 22)),
    notAfter: new Date(Date.UTC(2028, 10, 22)),
    permitted: ['api.anthropic.com', '127.0.0.1'],
  });
});
