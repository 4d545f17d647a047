/**
 * The place in a stream where a fault takes hold, as a rules file says it. All stream faults share it:
 * `after: { events: 5 }`, `before: first_token`, `inside: tool_use`. What finds it at run time is `place-watch.ts`.
 */
import { z } from 'zod';
import type { BlockKind } from '../anthropic/stream.ts';
import { durationMs } from '../duration.ts';
import { byteSize } from '../size.ts';

/** Points that are events; `first_token` is the first delta in which the model wrote something. */
const POINTS_AFTER = ['message_start', 'first_token', 'message_delta'] as const;
const POINTS_BEFORE = ['first_event', 'first_token', 'message_delta', 'message_stop'] as const;
const BLOCK_POINT = /^(content_block_start|content_block_stop) (0|[1-9]\d{0,5})$/;
const INSIDE = /^(text|thinking|tool_use|server_tool_use)(?: ([1-9]\d{0,5}))?$/;

/** A point in the grammar of the stream. */
export type Point =
  | (typeof POINTS_AFTER)[number]
  | (typeof POINTS_BEFORE)[number]
  | 'content_block_start'
  | 'content_block_stop';

/** A measure of how far the stream has come. */
export type Measure = 'events' | 'bytes' | 'text' | 'tokens' | 'time';

/** A place, read. */
export type Place =
  /** Once `count` of the measure went by. `time` in milliseconds since the answer's head. */
  | { readonly by: Measure; readonly count: number }
  /** Right before or right after an event; `index` for those of a content block. */
  | {
      readonly by: 'point';
      readonly side: 'before' | 'after';
      readonly point: Point;
      readonly index?: number;
    }
  /** After the `count`th delta with something written in it of a block of this kind, so that the block is still open. */
  | { readonly by: 'piece'; readonly block: BlockKind; readonly count: number };

/** Where a fault takes hold that was given no place: the answer has just begun. */
export const DEFAULT_PLACE: Place = { by: 'point', side: 'after', point: 'first_token' };

function choices(points: readonly string[]): string {
  return `${points.join(', ')}, content_block_start N or content_block_stop N`;
}

function pointText(points: readonly string[]) {
  return z.string().regex(new RegExp(`^(?:${points.join('|')}|${BLOCK_POINT.source.slice(1, -1)})$`), {
    error: (issue) => `no such place: ${JSON.stringify(issue.input)}; use one of ${choices(points)}`,
  });
}

const count = z.int().min(1);
const blockIndex = z.int().min(0).max(999_999);

const measure = z
  .strictObject({
    events: z
      .int()
      .min(0)
      .optional()
      .describe('Events that went by; pings do not count. 0: before the first.'),
    bytes: byteSize.optional().describe('Bytes of the stream, before any content coding.'),
    text: count.optional().describe('Characters of text.'),
    tokens: count
      .optional()
      .describe('Output tokens: as reported, else one for each four characters written.'),
    time: durationMs.optional().describe("Time since the answer's head was sent."),
    content_block_start: blockIndex.optional().describe('Index of a content block that was opened.'),
    content_block_stop: blockIndex.optional().describe('Index of a content block that was closed.'),
    message_start: z.literal(true).optional(),
    first_token: z.literal(true).optional(),
    message_delta: z.literal(true).optional(),
  })
  .refine((value) => Object.keys(value).length === 1, {
    error: 'give exactly one of events, bytes, text, tokens, time or an event, e.g. { events: 5 }',
  });

/** The three parameters that say a place; spread them into a fault's strict object, then {@link onePlace}. */
export const placeShape = {
  after: z
    .union([pointText(POINTS_AFTER), measure], {
      error: (issue) =>
        typeof issue.input === 'object' && issue.input !== null
          ? unionDetail(issue)
          : `write { events: 5 }, { bytes: 64KiB }, { text: 200 }, { tokens: 50 }, { time: 1.5s }, ${choices(POINTS_AFTER)}`,
    })
    .optional()
    .describe('Takes hold once the stream has come so far.'),
  before: pointText(POINTS_BEFORE).optional().describe('Takes hold right before an event.'),
  inside: z
    .string()
    .regex(INSIDE, {
      error: (issue) =>
        `no such block: ${JSON.stringify(issue.input)}; use text, thinking, tool_use or server_tool_use, or e.g. "tool_use 3" for after its third delta`,
    })
    .optional()
    .describe('Takes hold in the middle of the first block of this kind: after its first delta, or its Nth.'),
};

/** Parameters of {@link placeShape}, parsed. */
export interface PlaceParams {
  readonly after?: z.output<typeof placeShape.after>;
  readonly before?: string | undefined;
  readonly inside?: string | undefined;
}

/** Refinement that belongs to {@link placeShape}. */
export function onePlace(params: PlaceParams): boolean {
  return [params.after, params.before, params.inside].filter((place) => place !== undefined).length <= 1;
}

/** Message of {@link onePlace}. */
export const ONE_PLACE = { error: 'give one of after, before and inside' };

/**
 * Reads a place.
 *
 * @param fallback place when none is given; {@link DEFAULT_PLACE} unless told
 */
export function readPlace(params: PlaceParams, fallback: Place = DEFAULT_PLACE): Place {
  if (params.before !== undefined) return point('before', params.before);
  if (params.inside !== undefined) {
    const [, block, nth] = INSIDE.exec(params.inside) ?? [];
    return { by: 'piece', block: block as BlockKind, count: Number(nth ?? 1) };
  }
  if (typeof params.after === 'string') return point('after', params.after);
  const [entry] = Object.entries(params.after ?? {});
  if (entry === undefined) return fallback;
  const [key, value] = entry;
  if (value === true) return point('after', key);
  if (key.startsWith('content_block_')) return point('after', `${key} ${value}`);
  if (key === 'events' && value === 0) return point('before', 'first_event');
  return { by: key as Measure, count: Number(value) };
}

/** Says a place in words, e.g. `after 5 events`, `before message_stop`, `inside tool_use`. */
export function placeText(place: Place): string {
  switch (place.by) {
    case 'point':
      return `${place.side} ${place.point}${place.index === undefined ? '' : ` ${place.index}`}`;
    case 'piece':
      return `inside ${place.block}${place.count === 1 ? '' : ` ${place.count}`}`;
    case 'time':
      return `after ${place.count} ms`;
    case 'text':
      return `after ${place.count} characters of text`;
    default:
      return `after ${place.count} ${place.by}`;
  }
}

function point(side: 'before' | 'after', text: string): Place {
  const [, type, index] = BLOCK_POINT.exec(text) ?? [];
  return type === undefined
    ? { by: 'point', side, point: text as Point }
    : { by: 'point', side, point: type as Point, index: Number(index) };
}

/** What the object branch of the union had against the value. */
function unionDetail(issue: { readonly errors?: unknown }): string | undefined {
  const branches = issue.errors as readonly (readonly z.core.$ZodIssue[])[] | undefined;
  return branches?.[1]?.map((each) => [...each.path, each.message].join(': ')).join('; ');
}
