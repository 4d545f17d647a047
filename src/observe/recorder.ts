/**
 * Writes every event to a file, one JSON object per line: the event log (`--event-log`).
 * Lines are gathered and written in large pieces, synchronously: the order is certain, nothing is lost at exit,
 * and a large piece into the page cache costs less than the bookkeeping of an asynchronous write.
 */
import { closeSync, fstatSync, ftruncateSync, writeSync } from 'node:fs';
import type { ProxyEvent } from '../core/events.ts';
import { Problem } from '../core/problem.ts';
import { writeEvent } from './encode-event.ts';
import { LineBuffer } from './line-buffer.ts';
import { checkOutputFile, type OutputFile, type OutputKind, openOutputFile } from './output-file.ts';

/** So many events are put into lines together: the code that does it is then in the processor's caches. */
const BATCH = 32;
/**
 * Written at once when so many bytes are held. They are lost with a process that is killed; but a quarter of that at a time
 * costs the system more than putting the lines together does.
 */
const PIECE = 256 * 1024;
/** Else after so many milliseconds: a reader of the file is never far behind, and little is lost with a killed process. */
const LATEST_MS = 100;
/** So much is held for the slow reader of a pipe. */
const MOST_HELD = 64 * 1024 * 1024;
/** At the end, the reader of a pipe has so long for the rest. */
const LAST_WAIT_MS = 2_000;
/** Between two tries to write to a pipe that is full. */
const LOOK_MS = 10;
const LINE_END = 0x0a;

export interface EventLogOptions {
  /** Called once if the disk refuses; recording has then ended. The calls go on. */
  onFailure(problem: Problem): void;
  /** How long {@link EventLog.close} waits for the reader of a pipe, in milliseconds. Default 2000. */
  readonly lastWaitMs?: number;
}

/** An event log. What is recorded before it is opened is kept until then. */
export class EventLog {
  readonly #file: string;
  readonly #onFailure: (problem: Problem) => void;
  readonly #lastWaitMs: number;
  #state: 'new' | 'open' | 'ended' = 'new';
  #handle = -1;
  #kind: OutputKind = 'file';
  /** Bytes in the file. */
  #size = 0;
  /** A pipe whose reader is slow: it is tried again when it is time. */
  #full = false;
  /** Events that are no lines yet. */
  #events: ProxyEvent[] = [];
  /** Lines that are not written yet. */
  readonly #held = new LineBuffer(PIECE + 16 * 1024);
  #timer: NodeJS.Timeout | undefined;

  constructor(file: string, options: EventLogOptions) {
    this.#file = file;
    this.#onFailure = options.onFailure;
    this.#lastWaitMs = options.lastWaitMs ?? LAST_WAIT_MS;
  }

  /**
   * Opens the file and empties it; an older event log is replaced. What is no regular file is written to as it is.
   *
   * @throws Problem `file-exists` when the file holds anything but an event log, `no-permission`, `file-not-found`,
   * `bad-option` for what cannot be written to
   */
  open(): void {
    if (this.#state === 'ended') return;
    checkEventLogFile(this.#file);
    const { handle, kind } = openOutputFile(this.#file, EVENT_LOG);
    if (kind === 'file') ftruncateSync(handle);
    this.#handle = handle;
    this.#kind = kind;
    this.#state = 'open';
    this.flush();
  }

  /** The observer: give it to the bus. An event is read a moment later, so it must not change. */
  readonly record = (event: ProxyEvent): void => {
    if (this.#state === 'ended') return;
    this.#events.push(event);
    const { length } = this.#events;
    if (length < BATCH && this.#timer !== undefined) return;
    this.#encode();
    this.#came();
  };

  /** Records events that are lines already, each with its line end. */
  append(lines: string): void {
    if (this.#state === 'ended') return;
    this.#encode();
    this.#held.raw(lines);
    this.#came();
  }

  #came(): void {
    if (this.#held.length >= PIECE && !this.#full) this.flush();
    else this.#later();
  }

  #encode(): void {
    const events = this.#events;
    this.#events = [];
    try {
      for (const event of events) writeEvent(this.#held, event);
    } catch (error) {
      this.#write();
      this.#fail(error);
    }
  }

  /** Writes what is held: whole lines. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#encode();
    this.#write();
  }

  #write(): void {
    if (this.#state !== 'open' || this.#held.length === 0) return;
    const { bytes } = this.#held;
    let done = 0;
    try {
      this.#checkFile();
      while (done < bytes.length) done += writeSync(this.#handle, bytes, done);
    } catch (error) {
      if (this.#kind === 'file' || (error as NodeJS.ErrnoException).code !== 'EAGAIN') {
        if (this.#kind === 'file' && done > 0)
          this.#cutAt(this.#size + bytes.lastIndexOf(LINE_END, done - 1) + 1);
        this.#fail(error);
        return;
      }
      if (bytes.length - done > MOST_HELD) {
        this.#fail(new Error(`its reader is too slow, ${bytes.length - done} bytes wait for it`));
        return;
      }
      this.#later();
    }
    this.#full = done < bytes.length;
    this.#size += done;
    this.#held.dropFirst(done);
  }

  #later(): void {
    if (this.#timer !== undefined) return;
    this.#timer = setTimeout(() => this.flush(), LATEST_MS);
    this.#timer.unref();
  }

  /** Nobody else writes to a file of ours, and nobody takes it away: the log would be no record of the run. */
  #checkFile(): void {
    if (this.#kind !== 'file') return;
    const { nlink, size } = fstatSync(this.#handle);
    if (nlink === 0) throw new Error('it was deleted or replaced');
    if (size !== this.#size) throw new Error('another program has changed it');
  }

  /** Takes back the beginning of a line whose rest found no room. */
  #cutAt(length: number): void {
    try {
      ftruncateSync(this.#handle, length);
    } catch {
      // What is there cannot be mended: `--replay` tells of a line that ends early.
    }
  }

  /** Flushes and closes. Recording after it is ignored. */
  close(): void {
    if (this.#state === 'ended') return;
    this.flush();
    this.#lastTry();
    if (this.#state === 'open') this.#checkAtEnd();
    if (this.#state === 'open') closeSync(this.#handle);
    this.#state = 'ended';
    clearTimeout(this.#timer);
  }

  /** The reader of a pipe may need a moment for the rest. */
  #lastTry(): void {
    const pause = new Int32Array(new SharedArrayBuffer(4));
    for (let waited = 0; this.#state === 'open' && this.#held.length > 0; waited += LOOK_MS) {
      if (waited >= this.#lastWaitMs) {
        this.#fail(new Error(`its reader did not take the last ${this.#held.length} bytes`));
        return;
      }
      Atomics.wait(pause, 0, 0, LOOK_MS);
      this.#write();
    }
  }

  #checkAtEnd(): void {
    try {
      this.#checkFile();
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    if (this.#state === 'ended') return;
    if (this.#state === 'open') closeSync(this.#handle);
    this.#state = 'ended';
    clearTimeout(this.#timer);
    const why = error instanceof Error ? error.message : String(error);
    this.#onFailure(
      new Problem('io', `the event log ${this.#file} ended early, it could not be written: ${why}`),
    );
  }
}

const EVENT_LOG: OutputFile = {
  what: 'event log',
  flag: '--event-log',
  isOurs: (start) => start.startsWith('{"v":1,"at":'),
};

/**
 * Refuses a file that would lose something else than an older event log. Changes nothing.
 *
 * @throws Problem `file-exists`, `file-not-found`, `no-permission`
 */
export function checkEventLogFile(file: string): void {
  checkOutputFile(file, EVENT_LOG);
}
