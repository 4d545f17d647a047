/**
 * Writes every event to a file, one JSON object per line: the event log (`--event-log`).
 * Lines are gathered and written in large pieces, synchronously: the order is certain, nothing is lost at exit,
 * and a large piece into the page cache costs less than the bookkeeping of an asynchronous write.
 */
import { closeSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import type { ProxyEvent } from '../core/events.ts';
import { Problem } from '../core/problem.ts';
import { writeEvent } from './encode-event.ts';
import { LineBuffer } from './line-buffer.ts';
import { cannotWrite, checkOutputFile, type OutputFile } from './output-file.ts';

/** So many events are put into lines together: the code that does it is then in the processor's caches. */
const BATCH = 32;
/**
 * Written at once when so many bytes are held. They are lost with a process that is killed; but a quarter of that at a time
 * costs the system more than putting the lines together does.
 */
const PIECE = 256 * 1024;
/** Else after so many milliseconds: a reader of the file is never far behind, and little is lost with a killed process. */
const LATEST_MS = 100;

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
  /** Events that are no lines yet. */
  #events: ProxyEvent[] = [];
  /** Lines that are not written yet. */
  readonly #held = new LineBuffer(PIECE + 16 * 1024);
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
    if (this.#state === 'ended') return;
    checkEventLogFile(this.#file);
    this.#handle = openForWriting(this.#file);
    ftruncateSync(this.#handle);
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
    if (this.#held.length >= PIECE) this.flush();
    else if (this.#timer === undefined) {
      this.#timer = setTimeout(() => this.flush(), LATEST_MS);
      this.#timer.unref();
    }
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
    this.#held.length = 0;
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
    if (this.#state === 'ended') return;
    if (this.#state === 'open') closeSync(this.#handle);
    this.#state = 'ended';
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

function openForWriting(file: string): number {
  try {
    // Not `w`, which empties the file before anything else could fail.
    return openSync(file, 'a', 0o600);
  } catch (error) {
    throw cannotWrite(file, EVENT_LOG, error);
  }
}
