/** Tells other programs that the proxy is ready: a file (`--ready-file`), or one JSON line (`--log-format json`). */
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { Problem } from '../core/problem.ts';

/** What they need to know. */
export interface Ready {
  readonly v: 1;
  readonly type: 'ready';
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
  /** Base URL, and proxy URL: `http://127.0.0.1:8080`. */
  readonly url: string;
  readonly host: string;
  readonly port: number;
  /** Path of the CA certificate to trust; null where nothing is intercepted. */
  readonly ca: string | null;
  readonly seed?: string;
  readonly targets?: readonly string[];
  readonly pid: number;
  readonly version: string;
}

/**
 * Refuses a file that is not an earlier ready file. Changes nothing.
 *
 * @throws Problem `file-exists`, `no-permission`, `file-not-found`
 */
export function checkReadyFile(file: string): void {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw cannotWrite(file, error);
  }
  if (text.trim() !== '' && !isReady(text))
    throw new Problem(
      'file-exists',
      `${file} exists and is no ready file: it stays as it is; name another file with --ready-file`,
    );
}

/** Writes the file whole, in one step: whoever waits for it never reads half of it. */
export function writeReadyFile(file: string, ready: Ready): void {
  const draft = `${file}.${process.pid}.tmp`;
  try {
    writeFileSync(draft, `${JSON.stringify(ready)}\n`);
    renameSync(draft, file);
  } catch (error) {
    rmSync(draft, { force: true });
    throw cannotWrite(file, error);
  }
}

/** Removes the file, unless another run has written it since. */
export function removeReadyFile(file: string, ready: Ready): void {
  try {
    const { pid } = JSON.parse(readFileSync(file, 'utf8')) as Partial<Ready>;
    if (pid === ready.pid) rmSync(file, { force: true });
  } catch {
    // Gone or replaced: nothing of ours is left.
  }
}

function isReady(text: string): boolean {
  try {
    return (JSON.parse(text) as { type?: unknown }).type === 'ready';
  } catch {
    return false;
  }
}

function cannotWrite(file: string, error: unknown): Problem {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EISDIR')
    return new Problem(
      'file-not-found',
      `the ready file ${file} cannot be written there: its directory does not exist, or it is a directory itself`,
      { cause: error },
    );
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS')
    return new Problem(
      'no-permission',
      `the ready file ${file} may not be written by you: name another with --ready-file`,
      { cause: error },
    );
  return Problem.from(error, 'io');
}
