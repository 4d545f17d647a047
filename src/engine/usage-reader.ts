/** Reads the usage of an answer beside its way to the client: undoes its coding and scans it, and alters nothing. */
import { type UsageScan, usageScan } from '../core/anthropic/usage.ts';
import type { BodySink, ResponseHead } from '../core/http1/head.ts';
import type { Usage } from '../core/rules/decision.ts';
import { type Coder, canRead, decoder } from './coding.ts';

/** A reader for this answer, or why there can be none; undefined where none is to be expected. */
export function usageReader(
  head: ResponseHead,
  unreadable: (reason: string) => void,
): UsageReader | undefined {
  if (head.status >= 300) return undefined;
  const scan = usageScan(head.headers.get('content-type') ?? '');
  const coding = (head.headers.get('content-encoding') ?? '').trim().toLowerCase();
  if (scan && canRead(coding)) return new UsageReader(scan, coding, unreadable);
  unreadable(
    scan
      ? `it is coded as ${coding}, which this runtime cannot undo`
      : 'it is neither JSON nor an event stream',
  );
  return undefined;
}

export class UsageReader implements BodySink {
  readonly #scan: UsageScan;
  readonly #decoder: Coder;
  readonly #unreadable: (reason: string) => void;
  #over = false;
  #waiting: (() => void) | undefined;

  constructor(scan: UsageScan, coding: string, unreadable: (reason: string) => void) {
    this.#scan = scan;
    this.#unreadable = unreadable;
    this.#decoder = decoder(coding, {
      onData: (bytes) => scan.push(bytes),
      onError: (error) => this.#broken(coding, error),
    });
  }

  /** What the answer has told so far. */
  get usage(): Usage | undefined {
    return this.#scan.usage;
  }

  /** Payload of the answer. */
  data(chunk: Buffer, start: number, end: number): void {
    if (!this.#over) this.#decoder.write(chunk.subarray(start, end));
  }

  /** Calls back once all that came was read: at once, but for what a coding still holds back. */
  finish(then: () => void): void {
    if (this.#over) {
      then();
      return;
    }
    this.#waiting = then;
    this.#decoder.end(() => {
      if (!this.#over && this.usage === undefined) this.#unreadable('it does not tell it');
      this.#stop();
    });
  }

  /** The answer ends here: no more is read, and who waits waits no longer. */
  cancel(): void {
    this.#stop();
  }

  #broken(coding: string, error: Error): void {
    if (!this.#over) this.#unreadable(`its ${coding} coding is broken: ${error.message}`);
    this.#stop();
  }

  #stop(): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    this.#over = true;
    this.#decoder.destroy();
    waiting?.();
  }
}
