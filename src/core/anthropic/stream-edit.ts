/** Makes and edits events of a Messages stream in the API's own form. */
import { encodeEvent, withData } from '../sse/encode.ts';
import type { SseEvent } from '../sse/event.ts';
import type { SseFrame } from '../sse/frame.ts';
import { type JsonObject, readData } from './stream.ts';

/**
 * The same event with its data edited. Name, line ends and the padding before the last brace stay; the JSON is written
 * compactly, as the API does. An event whose data is no JSON object is returned as it is.
 */
export function editData(event: SseEvent, edit: (data: JsonObject) => void): SseEvent {
  const data = readData(event);
  if (data === undefined) return event;
  edit(data);
  const padding = /( *)\}\s*$/.exec(event.data ?? '')?.[1] ?? '';
  return withData(event, `${JSON.stringify(data).slice(0, -1)}${padding}}`);
}

/** An event of the API with the given data; its name is `data.type`. */
export function streamEvent(data: JsonObject & { readonly type: string }): SseFrame {
  return encodeEvent(data.type, JSON.stringify(data));
}

/** A keep-alive as the API sends it, space included. */
export const PING: SseFrame = encodeEvent('ping', '{"type": "ping"}');
