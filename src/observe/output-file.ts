/** Files that a run writes because a user named them: checked before anything is started, and never the wrong one overwritten. */
import { accessSync, closeSync, constants, openSync, readSync } from 'node:fs';
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

/** So much of a file is read to see what it is. */
const START_BYTES = 256;

/**
 * Makes sure that `path` can be written, and that nothing but an older file of the same sort would be lost. Changes nothing.
 *
 * @throws Problem `file-exists`, `file-not-found`, `no-permission`
 */
export function checkOutputFile(path: string, file: OutputFile): void {
  let start: string;
  try {
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
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new Problem(
        'no-permission',
        `the ${what} ${path} may not be written by you: name another file with ${flag}`,
        options,
      );
    default:
      return Problem.from(error, 'io');
  }
}

/** The file's first bytes; empty for an empty file or none. */
function startOf(path: string): string {
  let handle: number;
  try {
    handle = openSync(path, 'r');
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
