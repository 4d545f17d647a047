/** An answer that no fault touches: slices of what arrives go to the client as they arrive. */
import type { StreamFailureScan } from '../../core/anthropic/stream-failure.ts';
import {
  BodyScanner,
  type Framing,
  forwardEdit,
  type ResponseHead,
  rewriteHead,
} from '../../core/http1/head.ts';
import type { CallPort } from '../injection/call-port.ts';
import { slice } from '../transport/slice.ts';
import type { ResponseStage } from './response-stage.ts';

export class PlainRelay implements ResponseStage {
  readonly #call: CallPort;
  readonly #head: ResponseHead;
  readonly #keepAlive: boolean;
  readonly #scanner: BodyScanner;
  readonly #watch: StreamFailureScan | undefined;

  /** @param watch sees the body as it passes */
  constructor(call: CallPort, head: ResponseHead, framing: Framing, watch?: StreamFailureScan) {
    this.#call = call;
    this.#head = head;
    this.#keepAlive = framing.kind !== 'eof';
    this.#scanner = new BodyScanner(framing, watch, 'response');
    this.#watch = watch;
  }

  get failure(): string | undefined {
    return this.#watch?.failure;
  }

  get busy(): boolean {
    return false;
  }

  get endsWithConnection(): boolean {
    return !this.#keepAlive;
  }

  get upstreamDone(): boolean {
    return this.#scanner.done;
  }

  start(chunk: Buffer, end: number): void {
    const head = this.#head;
    const call = this.#call;
    const edit = forwardEdit(head.headers, 'response');
    call.reporter.headSent(head.status, 'upstream');
    if (edit === null && head.source === chunk) {
      this.#relay(chunk, head.start, end);
      return;
    }
    const bytes = edit === null ? head.raw : rewriteHead(head, edit);
    // One write, so one TLS record, for the head and what came of the body with it.
    this.#relay(Buffer.concat([bytes, chunk.subarray(end)]), 0, bytes.length);
  }

  upstreamData(chunk: Buffer, from: number): void {
    this.#relay(chunk, from, from);
  }

  upstreamEnd(): void {
    if (this.#scanner.eof()) this.#done(true);
    else this.#call.upstreamBrokeOff(undefined);
  }

  upstreamGone(error: Error | undefined): void {
    this.#call.upstreamBrokeOff(error);
  }

  clientDrain(): void {
    this.#call.resumeUpstream();
  }

  cancel(): void {}

  /** Sends on `chunk` from `from`; its body bytes begin at `body`. */
  #relay(chunk: Buffer, from: number, body: number): void {
    const scanner = this.#scanner;
    this.#watch?.arrives(chunk, body);
    const end = scanner.push(chunk, body);
    if (end > from) {
      const ready = this.#call.sendDown(slice(chunk, from, end));
      if (!ready && !scanner.done) this.#call.pauseUpstream();
    }
    // Bytes behind a complete answer belong to nobody: such a connection is never used again.
    if (scanner.done) this.#done(end === chunk.length);
  }

  #done(clean: boolean): void {
    this.#call.answerSent(this.#keepAlive, null, clean);
  }
}
