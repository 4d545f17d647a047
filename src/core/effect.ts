/**
 * The closed instruction set. Faults are an open catalogue of small pure programs that compile to these;
 * one interpreter (`injection.ts`, and for answers `faulted-response.ts`) carries them out, in one fixed order. Adding a
 * fault is one file; adding an effect is rare, and the compiler then points at every interpreter.
 */
import type { Header } from './facts.ts';
import type { SseEvent } from './sse/event.ts';

/**
 * How a connection is ended, as a raw tap between client and proxy would see it.
 * - `close`: orderly; TLS close_notify where there is TLS, then FIN
 * - `abrupt`: FIN without close_notify (same as `close` on plain TCP)
 * - `reset`: RST
 * - `hang`: not another byte, and no FIN, until the client gives up
 * - `half-close`: our sending side is shut (close_notify + FIN), we go on reading
 */
export type EndHow = 'close' | 'abrupt' | 'reset' | 'hang' | 'half-close';

/** Waits before going on. `accept`: after accept, before the first byte is read. */
export interface DelayEffect {
  readonly do: 'delay';
  readonly at: 'accept' | 'request' | 'head';
  readonly ms: number;
}

/**
 * Ends the connection. `accept`: before a byte is read; `tls`: ClientHello read, nothing answered;
 * `secure`: handshake done; `request`: whole request read; `head`: upstream answered, head not sent;
 * `idle`: `afterMs` after an answer, while the kept-alive connection waits for its next request.
 */
export interface EndEffect {
  readonly do: 'end';
  readonly at: 'accept' | 'tls' | 'secure' | 'request' | 'head' | 'idle';
  readonly how: EndHow;
  readonly afterMs?: number;
}

/** Ends the connection once `bytes` of the message went in one direction (`up`: request, `down`: response with its head). */
export interface CutEffect {
  readonly do: 'cut';
  readonly direction: 'up' | 'down';
  readonly bytes: number;
  readonly how: EndHow;
}

/** Answers a CONNECT with an error instead of a tunnel. */
export interface RefuseEffect {
  readonly do: 'refuse';
  readonly status: number;
  readonly reason: string;
  readonly headers: readonly Header[];
  readonly body: string;
}

/** Presents a bad certificate or breaks the handshake. */
export interface TlsEffect {
  readonly do: 'tls';
  readonly as: 'expired' | 'wrong-host' | 'untrusted' | 'self-signed' | 'old-protocol' | 'alert';
}

/**
 * Answers in the upstream's place. `content-length`, `date` and the marker are added when it is written.
 * {@link REQUEST_ID_SLOT} in a header value or in the body is replaced by this call's request id.
 * The same (frozen) effect object may be returned for many calls: the engine keeps its bytes.
 */
export interface RespondEffect {
  readonly do: 'respond';
  readonly status: number;
  /** Reason phrase; the standard one, else `HTTP <code>`, by `core/http1/reason.ts`. */
  readonly reason: string;
  readonly headers: readonly Header[];
  readonly body: string | Uint8Array;
}

/** Changes the upstream's head. Names in `remove` are lower case. */
export interface HeadEffect {
  readonly do: 'head';
  readonly status?: number;
  readonly reason?: string;
  readonly set?: readonly Header[];
  readonly remove?: readonly string[];
  /**
   * It only tells what an API without faults would tell as well (how much of a rate limit is left): not marked, and not
   * told as a fault that took hold.
   */
  readonly informs?: true;
}

/** Reads the SSE answer event by event and says what goes out. A new filter is opened for each exchange. */
export interface FilterEffect {
  readonly do: 'filter';
  /** Value of `content-type` to send instead of the upstream's when this filter is used. */
  readonly contentType?: string;
  /** How the filter may end the connection, where it may; told beforehand, since not every transport can do all. */
  readonly ends?: EndHow;
  open(answer?: AnswerFacts): StreamFilter;
}

/** What a filter or a rewrite may know of the answer's head. */
export interface AnswerFacts {
  /** The upstream's `request-id`; the real API repeats it in an in-stream error. */
  readonly requestId?: string;
}

/** Replaces a whole (not streamed) body, after decoding, and is given back encoded as it came. */
export interface RewriteEffect {
  readonly do: 'rewrite';
  /** The body's new bytes, and how its length is told. */
  rewrite(body: Uint8Array, contentType: string, answer?: AnswerFacts): Rewritten;
}

export interface Rewritten {
  readonly body: Uint8Array;
  /** What was done, for `fault.applied`. */
  readonly note?: string;
  /** Why nothing was done: becomes `fault.skipped`; `body` is then the one that was given, and goes out as it came. */
  readonly skipped?: string;
  /** `true`: content-length of the new body (default); `kept`: of the old one, and the connection is cut after the body. */
  readonly length?: 'true' | 'kept';
  readonly contentType?: string;
}

/** Limits the speed of one direction. With `firstByteMs`, waits that long before the first byte of the body. */
export interface ThrottleEffect {
  readonly do: 'throttle';
  readonly direction: 'up' | 'down';
  /** Infinity: no limit, where only the first byte waits. */
  readonly bytesPerSecond: number;
  readonly firstByteMs?: number;
}

export type Effect =
  | DelayEffect
  | EndEffect
  | CutEffect
  | RefuseEffect
  | TlsEffect
  | RespondEffect
  | HeadEffect
  | FilterEffect
  | RewriteEffect
  | ThrottleEffect;

/** Effects that a connection-phase fault may plan: they need no request. */
export type ConnectionEffect =
  | DelayEffect
  | EndEffect
  | RefuseEffect
  | TlsEffect
  | CutEffect
  | ThrottleEffect;

/** What a stream filter sends on. Ops are carried out in order; `wait` holds back what follows it. */
export type StreamOp =
  | { readonly op: 'emit'; readonly event: SseEvent; readonly acts?: readonly PlacedAct[] }
  | { readonly op: 'bytes'; readonly bytes: Uint8Array }
  | { readonly op: 'wait'; readonly ms: number }
  /** Ends the answer. `clean`: a complete HTTP message; otherwise the message is cut and the connection ends so. */
  | { readonly op: 'end'; readonly how: EndHow | 'clean' }
  /** The fault took hold here: becomes `fault.applied`. `note` is shown to people. */
  | { readonly op: 'applied'; readonly note: string };

/**
 * What a filter does at a point of an event that it lets pass. Others may act at the same event: acts are carried out by
 * their place, and at one place waits come before ends.
 */
export interface PlacedAct {
  /** How many bytes of the event go out before it: 0 in front of it, its length behind it. */
  readonly at: number;
  readonly ops: readonly StreamOp[];
}

/**
 * A stream fault at work on one answer: events in, operations out, no I/O.
 * Returning the very `event` in an `emit` forwards its bytes as they came.
 */
export interface StreamFilter {
  /** @param now monotonic milliseconds since the answer's head was sent */
  onEvent(event: SseEvent, now: number): readonly StreamOp[];
  /** The upstream's stream ended cleanly; `rest` holds bytes of an unfinished frame. Bytes not returned here are lost. */
  onEnd(rest: Uint8Array, now: number): readonly StreamOp[];
  /**
   * How many of the next events need not be shown as long as they are `content_block_delta`s and hold no more than
   * `bytes` in all: none of them could make it act. Absent: every event is shown.
   */
  spare?(now: number, bytes: number): number;
  /** So many deltas went by unseen, as {@link spare} allowed. */
  passedOver?(deltas: number, bytes: number): void;
  /** Next moment (same scale as `now`) at which the filter wants `onTime`, for faults placed by time; undefined for none. */
  due?(): number | undefined;
  onTime?(now: number): readonly StreamOp[];
  /** Why the fault did nothing, once the stream is over: becomes `fault.skipped`. Undefined when it was applied. */
  skipped(): string | undefined;
}

/** Stands for this call's request id (28 characters, as long as a real one) in a {@link RespondEffect}. */
export const REQUEST_ID_SLOT = 'req_{{this-request-id-here}}';
