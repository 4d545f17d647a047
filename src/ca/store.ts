/**
 * Our CA on disk, in the state directory (0700):
 * - `fault-ca.key` (0600): the issuer's private key, then its certificate, then the detour's, then the root's (see
 *   `own-ca.ts`). This one file is the CA; it appears and changes in one step, so that no process ever sees half of one
 *   or parts of two.
 * - `fault-ca.crt`: the root to trust, a copy of what the key file holds, mended whenever it differs.
 */
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { constants } from 'node:fs';
import { chmod, type FileHandle, lstat, open, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Problem } from '../core/problem.ts';
import { createFile, errorCode, fileProblem, replaceFile, sweepDrafts } from './files.ts';
import { makeFolder } from './make-folder.ts';
import type { OwnCa } from './own-ca.ts';
import { readPem } from './pem.ts';
import { rotateCommand } from './rotate-command.ts';

export interface StoredCa {
  readonly key: KeyObject;
  readonly issuer: X509Certificate;
  /** What is served with a leaf. */
  readonly chainPem: string;
  readonly rootPem: string;
  /** Made by a version whose CAs OpenSSL does not keep within their limits. It is known, and used no more. */
  readonly outdated: boolean;
}

export interface StorePaths {
  readonly directory: string;
  readonly key: string;
  readonly certificate: string;
}

export function storePaths(directory: string): StorePaths {
  return { directory, key: join(directory, 'fault-ca.key'), certificate: join(directory, 'fault-ca.crt') };
}

/** Certificates between the issuer's and the root's: a CA that has none is outdated. */
const DETOURS = new Set([0, 1]);
const OTHER_DIRECTORY = 'choose another directory with --state-dir';
/** Follows no link, and waits for nobody to write to a pipe. 0 where a system has no such flags. */
const READ_AT_ONCE = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
/** Where hard links do not exist a key file may be seen while it is written; it is given this long. */
const YOUNG_MS = 5_000;

/** The stored CA, made by `make` when there is none. Any number of processes that call this at once get the same one. */
export async function loadOrCreate(directory: string, make: () => Promise<OwnCa>): Promise<StoredCa> {
  const paths = storePaths(directory);
  const found = await readStore(paths);
  await sweepDrafts(directory);
  if (!found) {
    await prepareDirectory(directory);
    const made = await make();
    await write(paths, () => createFile(paths.key, keyFile(made), 0o600));
  }
  return await settle(paths, found);
}

/** The stored CA, with its certificate's file mended; undefined when there is none. */
export async function loadStore(directory: string): Promise<StoredCa | undefined> {
  const paths = storePaths(directory);
  const found = await readStore(paths);
  return found && (await settle(paths, found));
}

/** Puts a new CA in place of whatever is there. */
export async function replaceStore(directory: string, ca: OwnCa): Promise<StoredCa> {
  const paths = storePaths(directory);
  await prepareDirectory(directory);
  await sweepDrafts(directory);
  await write(paths, () => replaceFile(paths.key, keyFile(ca), 0o600));
  return await settle(paths, undefined);
}

/** The stored CA as it is; undefined when there is none. Writes nothing but the key file's mode. */
export async function readStore(paths: StorePaths): Promise<StoredCa | undefined> {
  for (;;) {
    const text = await readKeyFile(paths);
    if (text === undefined) return undefined;
    const stored = parse(text);
    if (stored) return stored;
    if (!(await isYoung(paths.key))) throw broken(paths);
    await sleep(25);
  }
}

/** Brings `fault-ca.crt` in line with the key file, also when another process replaces that meanwhile. */
async function settle(paths: StorePaths, known: StoredCa | undefined): Promise<StoredCa> {
  for (let stored = known; ; ) {
    stored ??= await readStore(paths);
    if (!stored) throw broken(paths);
    const { rootPem } = stored;
    if ((await certificateText(paths)) === rootPem) return stored;
    await write(paths, () => replaceFile(paths.certificate, rootPem, 0o644));
    const now = await readStore(paths);
    if (now?.rootPem === rootPem) return now;
    stored = now;
  }
}

/** Empty for anything but a regular file: a link is replaced, and so is what is damaged. */
async function certificateText({ certificate }: StorePaths): Promise<string> {
  const status = await lstat(certificate).catch(() => undefined);
  if (status === undefined || status.isSymbolicLink()) return '';
  if (!status.isFile() && !status.isDirectory()) throw notRegular(certificate);
  return await readFile(certificate, 'utf8').catch(() => '');
}

function keyFile({ keyPem, issuerPem, detourPem, rootPem }: OwnCa): string {
  return `${keyPem}${issuerPem}${detourPem}${rootPem}`;
}

/** A CA that was just made, as if it had been read from its files. */
export function asStored(ca: OwnCa): StoredCa {
  return parse(keyFile(ca))!;
}

function parse(text: string): StoredCa | undefined {
  const [keyBlock, ...blocks] = readPem(text);
  const [issuerBlock, ...rest] = blocks;
  const rootBlock = rest.at(-1);
  if (!keyBlock || !issuerBlock || !rootBlock) return undefined;
  const detour = rest.slice(0, -1);
  try {
    const key = createPrivateKey(keyBlock.text);
    const issuer = new X509Certificate(issuerBlock.der);
    const root = new X509Certificate(rootBlock.der);
    const whole = issuer.checkPrivateKey(key) && issuer.verify(root.publicKey) && DETOURS.has(detour.length);
    if (!whole) return undefined;
    // The root stands among them for Java, which then looks at nothing behind it, and tells what is wrong with a leaf.
    const chain = [issuerBlock, rootBlock, ...detour];
    return {
      key,
      issuer,
      chainPem: chain.map((block) => block.text).join(''),
      rootPem: rootBlock.text,
      outdated: detour.length === 0,
    };
  } catch {
    return undefined;
  }
}

function broken(paths: StorePaths): Problem {
  return new Problem(
    'bad-ca',
    `${paths.key} does not hold a whole certificate authority; make a new one with "${rotateCommand(paths.directory)}", or ${OTHER_DIRECTORY}.`,
  );
}

async function readKeyFile(paths: StorePaths): Promise<string | undefined> {
  let file: FileHandle;
  try {
    file = await open(paths.key, READ_AT_ONCE);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    if (errorCode(error) === 'ELOOP') {
      throw new Problem(
        'bad-ca',
        `${paths.key} is a symbolic link; put the file itself there, or ${OTHER_DIRECTORY}.`,
      );
    }
    throw fileProblem(error, 'read the CA key', paths.key, OTHER_DIRECTORY);
  }
  try {
    await guard(file, paths);
    return await file.readFile('utf8');
  } catch (error) {
    throw fileProblem(error, 'read the CA key', paths.key, OTHER_DIRECTORY);
  } finally {
    await file.close();
  }
}

/** A key that another user planted would make us present certificates that they chose; one that others can read is closed. */
async function guard(file: FileHandle, paths: StorePaths): Promise<void> {
  const status = await file.stat();
  if (!status.isFile()) throw notRegular(paths.key);
  const uid = process.getuid?.();
  if (uid === undefined) return;
  const { uid: owner, mode } = status;
  if (uid !== 0 && owner !== uid) {
    throw new Problem('bad-ca', `${paths.key} belongs to another user; remove it, or ${OTHER_DIRECTORY}.`);
  }
  if ((mode & 0o077) !== 0) await file.chmod(0o600);
}

function notRegular(path: string): Problem {
  return new Problem('bad-ca', `${path} is no regular file; remove it, or ${OTHER_DIRECTORY}.`);
}

async function isYoung(path: string): Promise<boolean> {
  const status = await lstat(path).catch(() => undefined);
  return status === undefined || Date.now() - status.mtimeMs < YOUNG_MS;
}

/** Makes the directory for us alone. One that is there keeps its mode unless it is empty: it may be shared on purpose. */
async function prepareDirectory(directory: string): Promise<void> {
  try {
    await makeFolder(directory, 0o700);
    if (process.getuid && (await readdir(directory)).length === 0) {
      await chmod(directory, 0o700).catch(() => undefined);
    }
  } catch (error) {
    throw fileProblem(error, 'use the state directory', directory, OTHER_DIRECTORY);
  }
}

async function write<T>(paths: StorePaths, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    throw fileProblem(error, 'write the CA into', paths.directory, OTHER_DIRECTORY);
  }
}
