/** Our CA's files when the disk is not as we left it. */
import { execFileSync } from 'node:child_process';
import {
  chmod,
  lstat,
  mkdir,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { openAuthority, rotateAuthority } from '../../src/ca/authority.ts';
import { createFile, replaceFile } from '../../src/ca/files.ts';
import { temporaryDirectory, writeOutdatedCa } from './support.ts';

const targets = ['api.anthropic.com'];
const posix = process.platform !== 'win32';

test('the key file holds the key first, then the issuer and what is served with it, the root last', async () => {
  const stateDir = await temporaryDirectory();
  const { certificatePem } = await openAuthority({ stateDir, targets });
  const text = await readFile(join(stateDir, 'fault-ca.key'), 'utf8');
  expect(text.match(/-----BEGIN [A-Z ]+-----/g)).toEqual([
    '-----BEGIN PRIVATE KEY-----',
    ...new Array(3).fill('-----BEGIN CERTIFICATE-----'),
  ]);
  expect(text.endsWith(certificatePem)).toBe(true);
});

test('a certificate file that is lost, or altered, is written again', async () => {
  const stateDir = await temporaryDirectory();
  const { certificatePath, certificatePem } = await openAuthority({ stateDir, targets });
  for (const damage of [() => rm(certificatePath), () => writeFile(certificatePath, 'x')]) {
    await damage();
    await openAuthority({ stateDir, targets });
    expect(await readFile(certificatePath, 'utf8')).toBe(certificatePem);
  }
});

test('a CA of an earlier version is used no more, and the cure makes a new one', async () => {
  const stateDir = await temporaryDirectory();
  await writeOutdatedCa(stateDir, targets);
  await expect(openAuthority({ stateDir, targets })).rejects.toMatchObject({
    code: 'bad-ca',
    message: expect.stringMatching(
      /was made by an earlier version, .*run "ca rotate --target-host api\.anthropic\.com --state-dir \S+", stop trusting the old certificate, and trust the new one\.$/,
    ),
  });
  await rotateAuthority({ stateDir, targets });
  await openAuthority({ stateDir, targets });
});

test('a key file that is damaged is left as it is, and rotation mends it', async () => {
  const stateDir = await temporaryDirectory();
  await openAuthority({ stateDir, targets });
  const path = join(stateDir, 'fault-ca.key');
  const whole = await readFile(path, 'utf8');
  const otherDir = await temporaryDirectory();
  await openAuthority({ stateDir: otherDir, targets });
  const other = await readFile(join(otherDir, 'fault-ca.key'), 'utf8');
  const keyOf = (text: string): string => text.slice(0, text.indexOf('-----BEGIN CERTIFICATE'));
  const past = new Date(Date.now() - 60_000);
  for (const damaged of [
    '',
    keyOf(whole),
    whole.slice(0, -100),
    // As far as the second certificate of three.
    whole.slice(0, whole.lastIndexOf('-----BEGIN CERTIFICATE')),
    keyOf(other) + whole.slice(keyOf(whole).length),
  ]) {
    await writeFile(path, damaged);
    await utimes(path, past, past);
    await expect(openAuthority({ stateDir, targets })).rejects.toMatchObject({
      code: 'bad-ca',
      message: expect.stringMatching(/does not hold a whole certificate authority; .*ca rotate/),
    });
    expect(await readFile(path, 'utf8')).toBe(damaged);
  }
  const rotated = await rotateAuthority({ stateDir, targets });
  expect((await openAuthority({ stateDir, targets })).certificatePem).toBe(rotated.certificatePem);
});

test('a key file that is still being written is waited for', async () => {
  const stateDir = await temporaryDirectory();
  const { certificatePem } = await openAuthority({ stateDir, targets });
  const path = join(stateDir, 'fault-ca.key');
  const whole = await readFile(path, 'utf8');
  await writeFile(path, whole.slice(0, 300));
  const opening = openAuthority({ stateDir, targets });
  await writeFile(path, whole);
  expect((await opening).certificatePem).toBe(certificatePem);
});

test.runIf(posix)(
  'modes: new directories are closed, an empty one too, one in use is left, an open key is closed',
  async () => {
    const base = await temporaryDirectory();
    const mode = async (path: string): Promise<number> => (await stat(path)).mode & 0o777;
    const empty = join(base, 'empty');
    await mkdir(empty, { mode: 0o755 });
    await openAuthority({ stateDir: empty, targets });
    expect(await mode(empty)).toBe(0o700);

    const used = join(base, 'used');
    await mkdir(used);
    await chmod(used, 0o755);
    await writeFile(join(used, 'notes.txt'), '');
    await openAuthority({ stateDir: used, targets });
    expect(await mode(used)).toBe(0o755);
    expect(await mode(join(used, 'fault-ca.key'))).toBe(0o600);

    await chmod(join(used, 'fault-ca.key'), 0o644);
    await openAuthority({ stateDir: used, targets });
    expect(await mode(join(used, 'fault-ca.key'))).toBe(0o600);
  },
);

test.runIf(posix)('links: none is read as a key, none is written through', async () => {
  const stateDir = await temporaryDirectory();
  const elsewhere = join(await temporaryDirectory(), 'precious');
  await writeFile(elsewhere, 'precious');
  const key = join(stateDir, 'fault-ca.key');

  await symlink(elsewhere, key);
  await expect(openAuthority({ stateDir, targets })).rejects.toMatchObject({
    code: 'bad-ca',
    message: expect.stringMatching(/is a symbolic link/),
  });
  await rotateAuthority({ stateDir, targets });
  expect((await lstat(key)).isFile()).toBe(true);

  const certificate = join(stateDir, 'fault-ca.crt');
  await rm(certificate);
  await symlink(elsewhere, certificate);
  await openAuthority({ stateDir, targets });
  expect((await lstat(certificate)).isFile()).toBe(true);
  expect(await readFile(elsewhere, 'utf8')).toBe('precious');

  await rm(key);
  await symlink(join(stateDir, 'nowhere'), key);
  await expect(openAuthority({ stateDir, targets })).rejects.toMatchObject({ code: 'bad-ca' });
});

test.runIf(posix)('a pipe in place of a file is refused at once, and stays', async () => {
  const stateDir = await temporaryDirectory();
  const [key, certificate] = [join(stateDir, 'fault-ca.key'), join(stateDir, 'fault-ca.crt')];
  const refused = (path: string) => ({
    code: 'bad-ca',
    message: `${path} is no regular file; remove it, or choose another directory with --state-dir.`,
  });
  execFileSync('mkfifo', [key]);
  await expect(openAuthority({ stateDir, targets })).rejects.toMatchObject(refused(key));
  await expect(rotateAuthority({ stateDir, targets })).rejects.toMatchObject({ code: 'file-exists' });
  expect((await lstat(key)).isFIFO()).toBe(true);
  await rm(key);
  await openAuthority({ stateDir, targets });
  await rm(certificate);
  execFileSync('mkfifo', [certificate]);
  await expect(openAuthority({ stateDir, targets })).rejects.toMatchObject(refused(certificate));
  expect((await lstat(certificate)).isFIFO()).toBe(true);
});

test('drafts that killed processes left are gone after the next start, with the keys in them', async () => {
  const stateDir = await temporaryDirectory();
  const gone = execFileSync(process.execPath, ['-p', 'process.pid'], { encoding: 'utf8' }).trim();
  const draft = (pid: number | string): string =>
    join(stateDir, `.anthropic-error-plugin-${pid}-${'0'.repeat(24)}.tmp`);
  const old = draft(process.ppid);
  for (const round of ['made', 'found', 'rotated']) {
    for (const path of [draft(gone), draft(process.pid), old]) await writeFile(path, 'a key');
    const yesterday = new Date(Date.now() - 86_400_000);
    await utimes(old, yesterday, yesterday);
    await (round === 'rotated' ? rotateAuthority : openAuthority)({ stateDir, targets });
    const left = (await readdir(stateDir)).filter((name) => name.endsWith('.tmp'));
    expect(left, round).toEqual([basename(draft(process.pid))]);
  }
});

test('a state directory that cannot be one says so with the cure', async () => {
  const file = join(await temporaryDirectory(), 'file');
  await writeFile(file, '');
  for (const stateDir of [file, join(file, 'below')]) {
    await expect(openAuthority({ stateDir, targets })).rejects.toMatchObject({
      kind: 'user',
      message: expect.stringMatching(/^Cannot .*; choose another directory with --state-dir\.$/),
    });
  }
});

test('creation never replaces, replacement never leaves a draft', async () => {
  const directory = await temporaryDirectory();
  const path = join(directory, 'x');
  expect(await createFile(path, 'one', 0o600)).toBe(true);
  expect(await createFile(path, 'two', 0o600)).toBe(false);
  expect(await readFile(path, 'utf8')).toBe('one');
  await replaceFile(path, 'three', 0o600);
  expect(await readFile(path, 'utf8')).toBe('three');
  await mkdir(join(directory, 'folder'));
  await expect(replaceFile(join(directory, 'folder'), 'four', 0o600)).rejects.toThrow();
  expect((await readdir(directory)).sort()).toEqual(['folder', 'x']);
});

test('a clock before the CA began is told with the cure', async () => {
  const stateDir = await temporaryDirectory();
  await openAuthority({ stateDir, targets });
  const clock = { wall: () => Date.now() - 30 * 86_400_000 };
  await expect(openAuthority({ stateDir, targets, clock })).rejects.toMatchObject({
    code: 'bad-ca',
    message: expect.stringMatching(
      /is valid only from \d{4}-\d\d-\d\d; correct this machine's clock, or run "/,
    ),
  });
});
