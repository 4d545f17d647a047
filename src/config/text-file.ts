/** Reads a text file that a user named, and says in a sentence what is wrong with it when it cannot be read. */
import { readFileSync } from 'node:fs';
import { Problem } from '../core/problem.ts';

/**
 * The file's text, without a byte order mark.
 *
 * @param file absolute path, or relative to the working directory
 * @param what what the file is to the user, e.g. `the file of --config`
 * @throws Problem `file-not-found`, `no-permission` or `bad-config`
 */
export function readTextFile(file: string, what: string): string {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    throw unreadable(file, what, error);
  }
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff))
    throw new Problem('bad-config', `${what}, ${file}, is UTF-16 text: save it as UTF-8`);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new Problem('bad-config', `${what}, ${file}, is not text: it must be UTF-8`);
  }
}

function unreadable(file: string, what: string, error: unknown): Problem {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOENT' || code === 'ENOTDIR')
    return new Problem('file-not-found', `${what}, ${file}, does not exist: check the path`, {
      cause: error,
    });
  if (code === 'EACCES' || code === 'EPERM')
    return new Problem('no-permission', `${what}, ${file}, may not be read by you: check its permissions`, {
      cause: error,
    });
  if (code === 'EISDIR')
    return new Problem('file-not-found', `${what}, ${file}, is a directory: name a file in it`, {
      cause: error,
    });
  return Problem.from(error, 'io');
}
