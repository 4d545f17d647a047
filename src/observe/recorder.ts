/**
 * Writes every event to a file, one JSON object per line: the event log (`--event-log`).
 * Lines are gathered and written in large pieces, synchronously: the order is certain, nothing is lost at exit,
 * and a piece of 64 KiB into the page cache costs less than the bookkeeping of an asynchronous write.
 */
import { closeSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';
import type { ProxyEvent } from '../core/events.ts';
import { Problem } from '../core/problem.ts';
import { encodeEvent } from './encode-event.ts';

/** Written at once when so much is held, in UTF-16 units. */
const PIECE = 64 * 1024;
/** Else after so many milliseconds, so that a reader of the file is never far behind. */
const LATEST_MS = 250;

export interface EventLogOptions {
  /** Called once if the disk refuses; recording has then ended. The calls go on. */
  onFailure(problem: Problem): void;
}

/** An event log. What is recorded before it is opened is kept until then. */
export class EventLog {
  readonly #file: string;
  readonly #onFailure: (problem: Problem) => void;
  #state: 'new' | 'open' | 'ended' = 'new';
  #handle = -1;
  #held = '';
  #timer: NodeJS.Timeout | undefined;

  constructor(file: string, options: EventLogOptions) {
    this.#file = file;
    this.#onFailure = options.onFailure;
  }

  /**
   * Opens the file and empties it; an older event log is replaced.
   *
   * @throws Problem `file-exists` when the file holds anything but an event log, `no-permission`, `file-not-found`
   */
  open(): void {
    checkEventLogFile(this.#file);
    this.#handle = openForWriting(this.#file);
    ftruncateSync(this.#handle);
    this.#state = 'open';
    this.flush();
  }

  /** The observer: give it to the bus. */
  readonly record = (event: ProxyEvent): void => {
    if (this.#state === 'ended') return;
    this.#held += `${encodeEvent(event)}\n`;
    if (this.#held.length >= PIECE) this.flush();
    else if (this.#timer === undefined) {
      this.#timer = setTimeout(() => this.flush(), LATEST_MS);
      this.#timer.unref();
    }
  };

  /** Writes what is held. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#state !== 'open' || this.#held === '') return;
    const bytes = Buffer.from(this.#held);
    this.#held = '';
    try {
      for (let done = 0; done < bytes.length; ) done += writeSync(this.#handle, bytes, done);
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Flushes and closes. Recording after it is ignored. */
  close(): void {
    this.flush();
    if (this.#state === 'open') closeSync(this.#handle);
    this.#state = 'ended';
  }

  #fail(error: unknown): void {
    closeSync(this.#handle);
    this.#state = 'ended';
    const why = error instanceof Error ? error.message : String(error);
    this.#onFailure(
      new Problem('io', `the event log ${this.#file} ended early, it could not be written: ${why}`),
    );
  }
}

/**
 * Refuses a file that would lose something else than an older event log. Changes nothing.
 *
 * @throws Problem `file-exists`, `no-permission`
 */
export function checkEventLogFile(file: string): void {
  let handle: number;
  try {
    handle = openSync(file, 'r');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT') return;
    throw cannotWrite(file, error);
  }
  try {
    const start = Buffer.alloc(START.length);
    const length = readSync(handle, start, 0, start.length, 0);
    if (length > 0 && start.toString('latin1', 0, length) !== START)
      throw new Problem(
        'file-exists',
        `${file} exists and is not an event log: it stays as it is; name another file with --event-log`,
      );
  } catch (error) {
    if (error instanceof Problem) throw error;
    throw cannotWrite(file, error);
  } finally {
    closeSync(handle);
  }
}

/** How each line of an event log begins. */
const START = '{"v":1,"at":';

function openForWriting(file: string): number {
  try {
    // Not `w`, which empties the file before anything else could fail.
    return openSync(file, 'a', 0o600);
  } catch (error) {
    throw cannotWrite(file, error);
  }
}

function cannotWrite(file: string, error: unknown): Problem {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOENT' || code === 'ENOTDIR')
    return new Problem(
      'file-not-found',
      `the directory of the event log ${file} does not exist: make it, or name another with --event-log`,
    );
  if (code === 'EISDIR')
    return new Problem('file-not-found', `the event log ${file} is a directory: name a file in it`);
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS')
    return new Problem(
      'no-permission',
      `the event log ${file} may not be written by you: name another file with --event-log`,
    );
  return Problem.from(error, 'io');
}
