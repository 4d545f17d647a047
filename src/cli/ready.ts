/** Tells other programs that the proxy is ready: a file (`--ready-file`), or one JSON line (`--log-format json`). */
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { cannotWrite, checkOutputFile, type OutputFile } from '../observe/output-file.ts';

/** What they need to know. */
export interface Ready {
  readonly v: 1;
  readonly type: 'ready';
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
  /** Base URL, and proxy URL: `http://127.0.0.1:8080`. Of the plugin: what fault's `--grpc-plugin` takes. */
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
 * Refuses a file that is not an earlier ready file. Changes nothing.
 *
 * @throws Problem `file-exists`, `no-permission`, `file-not-found`
 */
export function checkReadyFile(file: string): void {
  checkOutputFile(file, READY_FILE);
}

/** Writes the file whole, in one step: whoever waits for it never reads half of it. */
export function writeReadyFile(file: string, ready: Ready): void {
  const draft = `${file}.${process.pid}.tmp`;
  try {
    writeFileSync(draft, `${JSON.stringify(ready)}\n`);
    renameSync(draft, file);
  } catch (error) {
    rmSync(draft, { force: true });
    throw cannotWrite(file, READY_FILE, error);
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
