/** An answer stage with a reader beside it: the stage does what it does, the reader sees the same bytes first. */
import { BodyScanner, type Framing } from '../../core/http1/head.ts';
import type { Usage } from '../../core/rules/decision.ts';
import type { CallPort } from '../injection/call-port.ts';
import type { AnswerReader } from './answer-reader.ts';
import type { ResponseStage } from './response-stage.ts';

export class WatchedStage implements ResponseStage {
  readonly #stage: ResponseStage;
  readonly #reader: AnswerReader;
  readonly #call: CallPort;
  readonly #scanner: BodyScanner;

  constructor(call: CallPort, stage: ResponseStage, reader: AnswerReader, framing: Framing) {
    this.#call = call;
    this.#stage = stage;
    this.#reader = reader;
    this.#scanner = new BodyScanner(framing, reader, 'response');
  }

  get busy(): boolean {
    return this.#stage.busy;
  }

  get upstreamDone(): boolean {
    return this.#stage.upstreamDone;
  }

  get endsWithConnection(): boolean {
    return this.#stage.endsWithConnection;
  }

  get usage(): Usage | undefined {
    return this.#reader.usage;
  }

  get messageId(): string | undefined {
    return this.#reader.messageId;
  }

  get failure(): string | undefined {
    return this.#reader.failure;
  }

  start(chunk: Buffer, end: number): void {
    this.#read(chunk, end);
    this.#stage.start(chunk, end);
    this.#keepPace();
  }

  upstreamData(chunk: Buffer, from: number): void {
    this.#read(chunk, from);
    this.#stage.upstreamData(chunk, from);
    this.#keepPace();
  }

  upstreamEnd(): void {
    this.#stage.upstreamEnd();
  }

  upstreamGone(error: Error | undefined): void {
    this.#stage.upstreamGone(error);
  }

  clientDrain(): void {
    this.#stage.clientDrain();
  }

  cancel(): void {
    this.#stage.cancel();
    this.#reader.cancel();
  }

  whenRead(then: () => void): void {
    this.#reader.finish(then);
  }

  /** An answer comes no faster than it is read here: what waits to be decoded would have no bound. */
  #keepPace(): void {
    if (!this.#reader.behind || this.#stage.upstreamDone) return;
    // Should the stage want the upstream to rest by then, it says so again with what comes next.
    this.#reader.onRead ??= () => this.#call.resumeUpstream();
    this.#call.pauseUpstream();
  }

  #read(chunk: Buffer, from: number): void {
    try {
      this.#scanner.push(chunk, from);
    } catch {
      // Malformed framing: the stage finds the same, and says so.
      this.#reader.cancel();
    }
  }
}
