/** One server-sent event, with the bytes that it came as. */
export interface SseEvent {
  /** The frame's exact bytes, its blank line included; comments before it belong to it. */
  readonly raw: Uint8Array;
  /** Value of the `event:` line; undefined without one. */
  readonly name: string | undefined;
  /** `data:` lines joined with LF; undefined for a frame without data (comments only). */
  readonly data: string | undefined;
}
