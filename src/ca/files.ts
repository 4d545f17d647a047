/** Files that are written whole or not at all, and errors of the file system in words. The rest of `ca/` touches disks through this. */
import { randomBytes } from 'node:crypto';
import { link, lstat, open, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Problem, type ProblemCode } from '../core/problem.ts';

export function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

/** What the file system refused, as one sentence with the cure. `what` reads e.g. `write the CA certificate`. */
export function fileProblem(error: unknown, what: string, path: string, cure: string): Problem {
  if (error instanceof Problem) return error;
  const [code, because] = REFUSALS[errorCode(error)] ?? [
    'io' as const,
    error instanceof Error ? error.message : String(error),
  ];
  return new Problem(code, `Cannot ${what} ${path}: ${because}; ${cure}.`, { cause: error });
}

const REFUSALS: Readonly<Record<string, readonly [ProblemCode, string]>> = {
  ENOENT: ['file-not-found', 'it does not exist'],
  EACCES: ['no-permission', 'permission denied'],
  EPERM: ['no-permission', 'permission denied'],
  EROFS: ['no-permission', 'the file system is read-only'],
  EISDIR: ['bad-option', 'it is a directory'],
  ENOTDIR: ['bad-option', 'part of its path is not a directory'],
  EEXIST: ['bad-option', 'a file of that name is in the way'],
  ENAMETOOLONG: ['bad-option', 'the path is too long'],
  ENOTSUP: ['bad-option', 'no directory can be made there'],
  ENOSPC: ['io', 'the disk is full'],
};

/**
 * Writes `text` beside `path` and renames it into place: readers see the old or the new, and a link is replaced, not
 * followed. What is neither a regular file nor a link stays, and is refused: a device would be gone for the whole machine.
 */
export async function replaceFile(path: string, text: string | Uint8Array, mode: number): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    await checkReplaceable(path);
    const draft = await writeDraft(path, text, mode);
    try {
      await renameOver(draft, path);
      return;
    } catch (error) {
      await rm(draft, { force: true });
      // A process that shares the directory but not our numbers may have swept the draft away.
      if (errorCode(error) !== 'ENOENT' || attempt === 3) throw error;
    }
  }
}

async function checkReplaceable(path: string): Promise<void> {
  const status = await lstat(path).catch(() => undefined);
  if (status === undefined || status.isFile() || status.isSymbolicLink() || status.isDirectory()) return;
  throw new Problem(
    'file-exists',
    `${path} is no regular file: it stays as it is; remove it, or name another`,
  );
}

/**
 * Removes drafts in `directory` that processes left which were killed while they wrote. Those of processes that run are
 * theirs, up to an hour: the number may have gone to another.
 */
export async function sweepDrafts(directory: string): Promise<void> {
  for (const name of await readdir(directory).catch(() => [])) {
    const [, pid] = DRAFT.exec(name) ?? [];
    if (pid === undefined) continue;
    const path = join(directory, name);
    const status = await lstat(path).catch(() => undefined);
    if (!status?.isFile() || (isRunning(Number(pid)) && Date.now() - status.mtimeMs < DRAFT_AGE_MS)) continue;
    await rm(path, { force: true }).catch(() => undefined);
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errorCode(error) !== 'ESRCH';
  }
}

/** Hidden, and of a name that nobody can guess. */
const DRAFT_PREFIX = '.anthropic-error-plugin-';
const DRAFT = /^\.anthropic-error-plugin-([1-9]\d*)-[0-9a-f]{24}\.tmp$/;
const DRAFT_AGE_MS = 3_600_000;

/**
 * Creates `path` with all of `text` unless something is there.
 *
 * @returns false when another process (or anything else) was first
 */
export async function createFile(path: string, text: string, mode: number): Promise<boolean> {
  const draft = await writeDraft(path, text, mode);
  try {
    await link(draft, path);
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    // No hard links on this file system: exclusive, but not whole at once. Readers wait for young files.
    return await writeExclusive(path, text, mode);
  } finally {
    await rm(draft, { force: true });
  }
}

async function writeDraft(path: string, text: string | Uint8Array, mode: number): Promise<string> {
  const name = `${DRAFT_PREFIX}${process.pid}-${randomBytes(12).toString('hex')}.tmp`;
  const draft = join(dirname(path), name);
  try {
    await writeNew(draft, text, mode);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
  return draft;
}

async function writeExclusive(path: string, text: string, mode: number): Promise<boolean> {
  try {
    await writeNew(path, text, mode);
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw error;
  }
}

async function writeNew(path: string, text: string | Uint8Array, mode: number): Promise<void> {
  const file = await open(path, 'wx', mode);
  try {
    await file.writeFile(text);
    // A crash must not leave a name without contents.
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Windows refuses to replace a file that someone has open; such readers are quick. */
async function renameOver(from: string, to: string): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await rename(from, to);
      return;
    } catch (error) {
      const busy = process.platform === 'win32' && ['EPERM', 'EACCES', 'EBUSY'].includes(errorCode(error));
      if (!busy || attempt === 20) throw error;
      await sleep(10 * attempt);
    }
  }
}
