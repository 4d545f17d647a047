/** Tells other programs that the proxy is ready: a file (`--ready-file`), or one JSON line (`--log-format json`). */
import { closeSync, lstatSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { replaceFile, sweepDrafts } from '../ca/files.ts';
import { Problem } from '../core/problem.ts';
import { cannotWrite, checkOutputFile, type OutputFile, openOutputFile } from '../observe/output-file.ts';

/** What they need to know. */
export interface Ready {
  readonly v: 1;
  readonly type: 'ready';
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
  /** Base URL, and proxy URL: `http://127.0.0.1:8080`. Of the plugin: what the fault proxy's `--grpc-plugin` takes. */
  readonly url: string;
  readonly host: string;
  readonly port: number;
  /** Path of the CA certificate to trust; null where nothing is intercepted. */
  readonly ca: string | null;
  readonly seed?: string;
  readonly targets?: readonly string[];
  readonly pid: number;
  /** Process ids of the workers, with `--workers`; `pid` serves no calls then. */
  readonly workers?: readonly number[];
  readonly version: string;
  /** Arguments of `fault` that bring calls to the plugin; absent where there is none. */
  readonly fault?: readonly string[];
}

const READY_FILE: OutputFile = {
  what: 'ready file',
  flag: '--ready-file',
  isOurs: (start) => start.startsWith('{"v":1,"type":"ready"'),
};

/**
 * Refuses a file that is not an earlier ready file, or that is to be the event log, too. Changes nothing.
 *
 * @throws Problem `file-exists`, `no-permission`, `file-not-found`, `bad-option`
 */
export function checkReadyFile(file: string, eventLog?: string): void {
  if (kindOf(file) === 'file' && file === eventLog)
    throw new Problem('bad-option', `${file} cannot be both ready file and event log: name two files`);
}

/**
 * Writes the file whole, in one step: whoever waits for it never reads half of it. What is no regular file (a pipe,
 * `/dev/stdout`) is written to as it is.
 *
 * @throws Problem as {@link checkReadyFile}
 */
export async function writeReadyFile(file: string, ready: Ready): Promise<void> {
  const text = `${JSON.stringify(ready)}\n`;
  // Looked at again: it may have become something else since the start.
  if (kindOf(file) === 'stream') {
    writeInto(file, text);
    return;
  }
  try {
    await sweepDrafts(dirname(file));
    await replaceFile(file, text, 0o644);
  } catch (error) {
    throw cannotWrite(file, READY_FILE, error);
  }
}

function kindOf(file: string): 'file' | 'stream' {
  const kind = checkOutputFile(file, READY_FILE);
  // Replaced, a link would be lost; followed, it could lead anywhere.
  if (kind === 'file' && lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink())
    throw new Problem(
      'file-exists',
      `the ready file ${file} is a symbolic link: name the file itself with --ready-file`,
    );
  return kind;
}

function writeInto(file: string, text: string): void {
  const { handle } = openOutputFile(file, READY_FILE);
  try {
    // Some hundred bytes: a pipe takes them whole or not at all.
    writeSync(handle, text);
  } catch (error) {
    throw cannotWrite(file, READY_FILE, error);
  } finally {
    closeSync(handle);
  }
}

/** Removes the file, unless another run has written it since, or it is none that was made for us. */
export function removeReadyFile(file: string, ready: Ready): void {
  try {
    if (!lstatSync(file).isFile()) return;
    const { pid } = JSON.parse(readFileSync(file, 'utf8')) as Partial<Ready>;
    if (pid === ready.pid) rmSync(file, { force: true });
  } catch {
    // Gone or replaced: nothing of ours is left.
  }
}
