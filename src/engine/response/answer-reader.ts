/**
 * Reads an answer beside its way to the client, for what it tells of itself (its usage, an error in its stream):
 * undoes its coding and scans it, and alters nothing.
 */
import type { MessageIdScan } from '../../core/anthropic/message-id.ts';
import { StreamFailureScan } from '../../core/anthropic/stream-failure.ts';
import { type UsageScan, usageScan } from '../../core/anthropic/usage.ts';
import type { BodySink, ResponseHead } from '../../core/http1/head.ts';
import type { Usage } from '../../core/rules/decision.ts';
import type { Guard } from '../transport/guarded-clock.ts';
import { type Coder, canRead, decoder, isPlain } from './coding.ts';

/** Takes an answer's decoded body piece by piece. */
type AnswerScan = UsageScan | StreamFailureScan | typeof NO_SCAN;

/** For an answer of which nothing is wanted but its message's id. */
const NO_SCAN = { push: (_bytes: Uint8Array): void => {}, failure: undefined };

/** A reader for this answer's usage, or why there can be none; undefined where none is to be expected. */
export function usageReader(
  head: ResponseHead,
  guard: Guard,
  unreadable: (reason: string) => void,
): AnswerReader | undefined {
  if (head.status >= 300) return undefined;
  const scan = usageScan(typeOf(head));
  const coding = codingOf(head);
  if (scan && canRead(coding)) return new AnswerReader(scan, coding, guard, unreadable);
  unreadable(
    scan
      ? `it is coded as ${coding}, which this runtime cannot undo`
      : 'it is neither JSON nor an event stream',
  );
  return undefined;
}

/** True for an event stream whose error, told after its HTTP 200, can be found. */
export function tellsFailure(head: ResponseHead): boolean {
  return head.eventStream && head.status < 300 && canRead(codingOf(head));
}

/** True when the bytes of the body are not its content. */
export function isCoded(head: ResponseHead): boolean {
  return !isPlain(codingOf(head));
}

/** A reader for such an error; see {@link tellsFailure}. */
export function failureReader(head: ResponseHead, guard: Guard): AnswerReader {
  return new AnswerReader(new StreamFailureScan(), codingOf(head), guard, () => {});
}

/** A reader for the id of the message alone; undefined where there can be none. */
export function messageReader(head: ResponseHead, guard: Guard): AnswerReader | undefined {
  const coding = codingOf(head);
  if (head.status >= 300 || !canRead(coding)) return undefined;
  return new AnswerReader(head.eventStream ? new StreamFailureScan() : NO_SCAN, coding, guard, () => {});
}

function typeOf(head: ResponseHead): string {
  return head.headers.get('content-type') ?? '';
}

function codingOf(head: ResponseHead): string {
  return (head.headers.get('content-encoding') ?? '').trim().toLowerCase();
}

export class AnswerReader implements BodySink {
  readonly #scan: AnswerScan;
  readonly #decoder: Coder;
  readonly #unreadable: (reason: string) => void;
  #over = false;
  #waiting: (() => void) | undefined;
  /** It was given more than it could read yet: {@link AnswerReader.onRead} tells when it has. */
  behind = false;
  onRead: (() => void) | undefined;
  /** Set where the id of the message is wanted. */
  message: MessageIdScan | undefined;

  /** @param unreadable told why no usage is known */
  constructor(scan: AnswerScan, coding: string, guard: Guard, unreadable: (reason: string) => void) {
    this.#scan = scan;
    this.#unreadable = unreadable;
    this.#decoder = decoder(coding, {
      onData: (bytes) => {
        scan.push(bytes);
        this.message?.push(bytes);
      },
      onError: (error) => this.#broken(coding, error),
      onDrain: () => this.#caughtUp(),
      guard,
    });
  }

  /** What the answer has told so far. */
  get usage(): Usage | undefined {
    return 'usage' in this.#scan ? this.#scan.usage : undefined;
  }

  get messageId(): string | undefined {
    return this.message?.messageId;
  }

  /** Type of the error that the stream told; undefined while it told none. */
  get failure(): string | undefined {
    return this.#scan.failure;
  }

  /** Payload of the answer. */
  data(chunk: Buffer, start: number, end: number): void {
    if (!this.#over && !this.#decoder.write(chunk.subarray(start, end))) this.behind = true;
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
    this.#caughtUp();
  }

  #caughtUp(): void {
    if (!this.behind) return;
    this.behind = false;
    this.onRead?.();
  }
}
