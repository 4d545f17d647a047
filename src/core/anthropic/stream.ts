/**
 * Reads single events of a Messages stream (`POST /v1/messages` with `"stream": true`).
 * Tolerant: an upstream may send anything, and what cannot be read is simply not there.
 * Grammar: platform.claude.com/docs/en/build-with-claude/streaming.
 */
import type { SseEvent } from '../sse/event.ts';
import { hasData } from '../sse/frame.ts';

/** A JSON object of which nothing is known. */
export type JsonObject = Record<string, unknown>;

/** Kinds of content blocks that have deltas. */
export type BlockKind = 'text' | 'thinking' | 'tool_use' | 'server_tool_use';

/** The value as an object; undefined for anything else, `null` and arrays included. */
export function asObject(value: unknown): JsonObject | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as JsonObject)
    : undefined;
}

/** Parses an event's data; undefined when there is none or it is no JSON object. Never throws. */
export function readData(event: SseEvent): JsonObject | undefined {
  const { data } = event;
  if (data === undefined) return undefined;
  try {
    return asObject(JSON.parse(data));
  } catch {
    return undefined;
  }
}

/** An event's type: its name, or `type` in its data where it has no name. */
export function typeOf(event: SseEvent): string | undefined {
  if (event.name) return event.name;
  const type = readData(event)?.type;
  return typeof type === 'string' ? type : undefined;
}

/** Whether an event counts in `events: N`: it has data and is no ping. */
export function isCounted(event: SseEvent): boolean {
  return event.name !== 'ping' && hasData(event) && (event.name !== undefined || typeOf(event) !== 'ping');
}

/** `index` of a content_block event. */
export function indexOf(data: JsonObject | undefined): number | undefined {
  const index = data?.index;
  return typeof index === 'number' ? index : undefined;
}

/** The block that a content_block_start opens. */
export function blockOf(data: JsonObject | undefined): JsonObject | undefined {
  return asObject(data?.content_block);
}

/** Where each type of delta has what the model wrote. Signatures and citations are not among them. */
const WRITTEN: ReadonlyMap<unknown, string> = new Map([
  ['text_delta', 'text'],
  ['input_json_delta', 'partial_json'],
  ['thinking_delta', 'thinking'],
]);

/** What the model wrote in a content_block_delta, and in which field; undefined for deltas of another sort. */
export function writtenIn(
  data: JsonObject | undefined,
): { readonly field: string; readonly text: string } | undefined {
  const delta = asObject(data?.delta);
  const field = WRITTEN.get(delta?.type);
  const text = field === undefined ? undefined : delta?.[field];
  return field !== undefined && typeof text === 'string' ? { field, text } : undefined;
}
