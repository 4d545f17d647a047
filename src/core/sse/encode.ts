/** Writes server-sent events: what a fault adds to a stream or puts in an event's place. */
import type { SseEvent } from './event.ts';
import { SseFrame } from './frame.ts';

/** A line end that a stream may use. */
export type Newline = '\n' | '\r' | '\r\n';

/**
 * Makes an event and its bytes.
 *
 * @param name value of the `event:` line; undefined leaves the line out
 * @param data each of its lines becomes a `data:` line; undefined leaves them out
 * @param newline line end, LF unless told
 * @example
 * encodeEvent('ping', '{"type": "ping"}').raw.toString() // 'event: ping\ndata: {"type": "ping"}\n\n'
 */
export function encodeEvent(
  name: string | undefined,
  data: string | undefined,
  newline: Newline = '\n',
): SseFrame {
  let text = name === undefined ? '' : `event: ${oneLine(name)}${newline}`;
  if (data !== undefined) {
    for (const line of data.split(/\r\n|\r|\n/)) text += `data: ${line}${newline}`;
  }
  return new SseFrame(Buffer.from(text + newline));
}

/** The line end that an event's bytes use: that of its first line. */
export function newlineOf(event: SseEvent): Newline {
  for (let i = 0; i < event.raw.length; i++) {
    if (event.raw[i] === 10) return '\n';
    if (event.raw[i] === 13) return event.raw[i + 1] === 10 ? '\r\n' : '\r';
  }
  return '\n';
}

/** The same event with other data; its name and its line ends stay. */
export function withData(event: SseEvent, data: string): SseFrame {
  return encodeEvent(event.name, data, newlineOf(event));
}

function oneLine(name: string): string {
  return name.replace(/[\r\n]/g, ' ');
}
