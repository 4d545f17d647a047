/**
 * Files that a run writes because a user named them: checked before anything is started, and never the wrong one overwritten.
 * Regular files are emptied or replaced; a pipe, a terminal or `/dev/null` is written to as it is, and everything else refused.
 */
import {
  accessSync,
  closeSync,
  constants,
  fstatSync,
  openSync,
  readSync,
  type Stats,
  statSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { Problem } from '../core/problem.ts';

/** What the file is, for errors. */
export interface OutputFile {
  /** e.g. `event log`. */
  readonly what: string;
  /** e.g. `--event-log`. */
  readonly flag: string;
  /** True for the first bytes of a file that may be replaced; an empty one always may. */
  isOurs(start: string): boolean;
}

/** `file`: regular, or not there yet. `stream`: a pipe or a character device, which keeps nothing that could be lost. */
export type OutputKind = 'file' | 'stream';

/** So much of a file is read to see what it is. */
const START_BYTES = 256;
/** A pipe that nobody else has opened must not hold us up. 0 on Windows, which has no such pipes. */
const AT_ONCE = constants.O_NONBLOCK ?? 0;

/**
 * Makes sure that `path` can be written, and that nothing but an older file of the same sort would be lost. Changes nothing.
 *
 * @throws Problem `file-exists`, `file-not-found`, `no-permission`, `bad-option`
 */
export function checkOutputFile(path: string, file: OutputFile): OutputKind {
  let start: string;
  try {
    const status = statSync(path, { throwIfNoEntry: false });
    if (status !== undefined && outputKind(status, path, file) === 'stream') {
      accessSync(path, constants.W_OK);
      return 'stream';
    }
    if (status !== undefined) refuseOurOutput(status, path, file);
    start = startOf(path);
    accessSync(start === '' ? dirname(path) : path, constants.W_OK);
  } catch (error) {
    throw cannotWrite(path, file, error);
  }
  if (start !== '' && !file.isOurs(start))
    throw new Problem(
      'file-exists',
      `${path} exists and is no ${file.what}: it stays as it is; name another file with ${file.flag}`,
    );
  return 'file';
}

/** An output that is open for writing. */
export interface OpenOutput {
  readonly handle: number;
  readonly kind: OutputKind;
}

/**
 * Opens `path` for writing at its end; a regular file is made if need be, and nothing in it is changed. A write to a
 * stream whose reader is slow ends with `EAGAIN` rather than wait.
 *
 * @throws Problem as {@link checkOutputFile}
 */
export function openOutputFile(path: string, file: OutputFile): OpenOutput {
  const flags = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | AT_ONCE;
  let handle: number;
  try {
    handle = openSync(path, flags | (constants.O_NOCTTY ?? 0), 0o600);
  } catch (error) {
    throw cannotWrite(path, file, error);
  }
  try {
    // What was opened counts, not what lay there when it was checked.
    return { handle, kind: outputKind(fstatSync(handle), path, file) };
  } catch (error) {
    closeSync(handle);
    throw cannotWrite(path, file, error);
  }
}

/** @throws Problem for what can be neither replaced nor written to */
function outputKind(status: Stats, path: string, { what, flag }: OutputFile): OutputKind {
  if (status.isFile()) return 'file';
  if (status.isFIFO() || status.isCharacterDevice()) return 'stream';
  if (status.isDirectory())
    throw new Problem('file-not-found', `the ${what} ${path} is a directory: name a file in it`);
  const kind = status.isSocket() ? 'a socket' : 'a block device';
  throw new Problem('bad-option', `the ${what} ${path} is ${kind}: name a file or a pipe with ${flag}`);
}

/** A file that our own output goes to already: each would write over the other. */
function refuseOurOutput(status: Stats, path: string, { what, flag }: OutputFile): void {
  for (const [handle, name] of [
    [1, 'standard output'],
    [2, 'standard error'],
  ] as const) {
    let own: Stats;
    try {
      own = fstatSync(handle);
    } catch {
      continue;
    }
    if (own.dev === status.dev && own.ino === status.ino)
      throw new Problem(
        'bad-option',
        `the ${what} ${path} is the file that ${name} goes to, and they would overwrite each other: name another with ${flag}`,
      );
  }
}

/** Why a file could not be written, with the cure. */
export function cannotWrite(path: string, { what, flag }: OutputFile, error: unknown): Problem {
  const options = { cause: error };
  switch ((error as NodeJS.ErrnoException).code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return new Problem(
        'file-not-found',
        `the directory of the ${what} ${path} does not exist: make it, or name another with ${flag}`,
        options,
      );
    case 'EISDIR':
      return new Problem('file-not-found', `the ${what} ${path} is a directory: name a file in it`, options);
    case 'ENXIO':
      return new Problem(
        'bad-option',
        `the ${what} ${path} is a pipe that nobody reads, or a device that is not there: start its reader first, or name a file with ${flag}`,
        options,
      );
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new Problem(
        'no-permission',
        `the ${what} ${path} may not be written by you: name another file with ${flag}`,
        options,
      );
    case 'ELOOP':
    case 'ENAMETOOLONG':
      return new Problem(
        'bad-option',
        `the ${what} ${path} cannot be opened (${(error as NodeJS.ErrnoException).code}): name another file with ${flag}`,
        options,
      );
    case 'ENOSPC':
    case 'EDQUOT':
    case 'EFBIG':
      return new Problem(
        'io',
        `the ${what} ${path} could not be written, since there is no room for it (${(error as NodeJS.ErrnoException).code}): make some, or name a file on another disk with ${flag}`,
        options,
      );
    case undefined:
      return Problem.from(error, 'io');
    default:
      if (error instanceof Problem) return error;
      return new Problem(
        'io',
        `the ${what} ${path} could not be written (${(error as Error).message}): name another file with ${flag}`,
        options,
      );
  }
}

/** The file's first bytes; empty for an empty file or none. */
function startOf(path: string): string {
  let handle: number;
  try {
    handle = openSync(path, constants.O_RDONLY | AT_ONCE);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
  try {
    const bytes = Buffer.alloc(START_BYTES);
    return bytes.toString('latin1', 0, readSync(handle, bytes, 0, bytes.length, 0));
  } finally {
    closeSync(handle);
  }
}
