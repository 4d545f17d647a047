/** What takes an upstream's answer to the client: {@link PlainRelay} without a fault, {@link FaultedResponse} with one. */
import type { Usage } from '../../core/rules/decision.ts';

export interface ResponseStage {
  /** The chunk in which the head ended, at `end`. */
  start(chunk: Buffer, end: number): void;
  upstreamData(chunk: Buffer, from: number): void;
  /** The upstream sent FIN. */
  upstreamEnd(): void;
  upstreamGone(error: Error | undefined): void;
  clientDrain(): void;
  /** The call is over: no more waits, no more bytes. */
  cancel(): void;
  /** True while bytes for the client may come without the upstream saying anything. */
  readonly busy: boolean;
  /** True once the upstream's answer was read whole. */
  readonly upstreamDone: boolean;
  /** The client knows the answer's end by the end of its connection alone. */
  readonly endsWithConnection: boolean;
  /** Tokens used, where it was asked for and as far as it was read. */
  readonly usage?: Usage | undefined;
  /** Id of the message, likewise. */
  readonly messageId?: string | undefined;
  /** Type of the error that the upstream told in its stream, where it was looked for and as far as it was read. */
  readonly failure?: string | undefined;
  /** Calls back once all that came was read for its usage, or at once when the stage was cancelled. */
  whenRead?(then: () => void): void;
}
