/** What passes between the stand-in's HTTP side (`wire/`) and its pure side (`respond.ts` and all that it calls). */
import type { Header } from '../core/facts.ts';

/** A request, read whole. */
export interface ApiRequest {
  readonly method: string;
  /** Request target as sent: path and query. */
  readonly target: string;
  /** A header's value by lower-case name. */
  header(name: string): string | undefined;
  /** The body, decoded if it came with a content-encoding; empty when there is none. */
  readonly body: Uint8Array;
  /** Why the body could not be taken whole; undefined when it could. */
  readonly bodyProblem?: BodyProblem;
}

/**
 * `too-large`: over 32 MiB on the wire; `too-large-decoded`: over it once decoded; `undecodable`: not what its coding
 * says.
 */
export type BodyProblem = 'too-large' | 'too-large-decoded' | 'undecodable';

/** One server-sent event before it is written. */
export interface StreamFrame {
  readonly event: string;
  /** The `data:` line's text. */
  readonly data: string;
  /** Output tokens that this event carries; paces a slow stream. */
  readonly tokens: number;
}

interface AnswerHead {
  readonly status: number;
  /** In wire order, without `Date`, `Connection` and the framing headers. */
  readonly headers: readonly Header[];
}

/** An answer sent at once. */
export interface WholeAnswer extends AnswerHead {
  readonly body: string;
}

/** An answer sent event by event. */
export interface StreamAnswer extends AnswerHead {
  /** Starts the events anew; the same sequence at each call. */
  frames(): Iterable<StreamFrame>;
}

export type ApiAnswer = WholeAnswer | StreamAnswer;

export function isStream(answer: ApiAnswer): answer is StreamAnswer {
  return 'frames' in answer;
}
