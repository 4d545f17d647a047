/** Reads `usage` out of an answer of the Messages API while it passes, in constant memory. */
import type { Usage } from '../rules/decision.ts';
import { SseDecoder } from '../sse/decode.ts';
import { JsonMember } from './json-member.ts';
import { failureOf } from './stream-failure.ts';

/** Takes an answer's decoded body piece by piece. */
export interface UsageScan {
  push(bytes: Uint8Array): void;
  /** As far as the answer has told it; undefined before. */
  readonly usage: Usage | undefined;
  /** Type of the error that a stream told; undefined where there is none. */
  readonly failure: string | undefined;
}

/** @param contentType of the answer. @returns undefined for what is neither an event stream nor JSON */
export function usageScan(contentType: string): UsageScan | undefined {
  if (/^text\/event-stream\b/i.test(contentType)) return new StreamUsage();
  return /^application\/json\b/i.test(contentType) ? new BodyUsage() : undefined;
}

type Counts = { -readonly [name in keyof Usage]?: Usage[name] };

const FIELDS = [
  ['input_tokens', 'inputTokens'],
  ['output_tokens', 'outputTokens'],
  ['cache_read_input_tokens', 'cacheReadTokens'],
  ['cache_creation_input_tokens', 'cacheCreationTokens'],
] as const;

const NOTHING: Usage = { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheCreationTokens: 0 };

/** `message_start` tells a first `usage`; each `message_delta` tells the sums so far of some of it (D:streaming). */
class StreamUsage implements UsageScan {
  readonly #sse = new SseDecoder();
  #counts: Counts | undefined;
  #failure: string | undefined;

  get failure(): string | undefined {
    return this.#failure;
  }

  get usage(): Usage | undefined {
    return this.#counts && { ...NOTHING, ...this.#counts };
  }

  push(bytes: Uint8Array): void {
    if (this.#sse.overflowed) return;
    for (const frame of this.#sse.push(bytes)) {
      const { name } = frame;
      if (name === 'message_start') this.#add(member(member(parse(frame.data), 'message'), 'usage'));
      else if (name === 'message_delta') this.#add(member(parse(frame.data), 'usage'));
      else if (name === 'error') this.#failure ??= failureOf(frame);
    }
    // A frame too large to hold: what came before it stands.
    if (this.#sse.overflowed) this.#sse.rest();
  }

  #add(told: unknown): void {
    const counts = countsOf(told);
    if (counts) this.#counts = { ...this.#counts, ...counts };
  }
}

/** A message told as one body. */
class BodyUsage implements UsageScan {
  readonly failure = undefined;
  readonly #member = new JsonMember('usage');

  get usage(): Usage | undefined {
    const counts = countsOf(parse(this.#member.text));
    return counts && { ...NOTHING, ...counts };
  }

  push(bytes: Uint8Array): void {
    this.#member.push(bytes);
  }
}

/** Counts that are told; a null, as newer ones may be, tells nothing. */
function countsOf(usage: unknown): Counts | undefined {
  const counts: Counts = {};
  for (const [wire, name] of FIELDS) {
    const count = member(usage, wire);
    if (typeof count === 'number' && Number.isFinite(count) && count >= 0) counts[name] = count;
  }
  return Object.keys(counts).length > 0 ? counts : undefined;
}

function parse(json: string | undefined): unknown {
  try {
    return json === undefined ? undefined : JSON.parse(json);
  } catch {
    return undefined;
  }
}

function member(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
  return (value as Record<string, unknown>)[name];
}
