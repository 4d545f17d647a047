/** Counts what a request weighs, and what of it a prompt cache would have held. */
import type { Json } from './json-body.ts';
import type { MessagesRequest } from './messages-request.ts';
import { countTokens } from './tokens.ts';

/** Input side of `usage`. The three counts add up to what `count_tokens` says. */
export interface InputUsage {
  readonly inputTokens: number;
  readonly cacheCreationTokens: number;
  readonly cacheReadTokens: number;
  /** Lifetime of what was written to the cache. */
  readonly ttl: '5m' | '1h';
}

/** Prefixes shorter than this are not cached. */
const MIN_CACHED_TOKENS = 1024;
/** Flat price of an image, of any size. */
const IMAGE_TOKENS = 1600;
/** Flat price of a document that is not plain text. */
const DOCUMENT_TOKENS = 3000;
/** Frame around each message, and around the request. */
const MESSAGE_TOKENS = 4;
const REQUEST_TOKENS = 3;

/** Part of a prompt, in the order in which prompts are cached: tools, system, messages. */
interface Segment {
  readonly tokens: number;
  /** Its `cache_control`: the cache may hold everything up to and including this segment. */
  readonly breakpoint: unknown;
}

/** All input tokens of a request. */
export function countInputTokens(request: MessagesRequest): number {
  return segmentsOf(request).reduce((sum, segment) => sum + segment.tokens, REQUEST_TOKENS);
}

/**
 * Splits the input tokens as prompt caching would. The stand-in has no memory, so the rule goes by the request alone:
 * the first turn of a conversation writes the cache; in later turns everything up to the breakpoint before the last
 * one (or up to the only one) is read, and the rest, up to the last breakpoint, is written.
 */
export function measureInput(request: MessagesRequest): InputUsage {
  const segments = segmentsOf(request);
  const total = segments.reduce((sum, segment) => sum + segment.tokens, REQUEST_TOKENS);
  const breakpoints: { tokens: number; control: unknown }[] = [];
  let tokens = 0;
  for (const segment of segments) {
    tokens += segment.tokens;
    if (segment.breakpoint && tokens >= MIN_CACHED_TOKENS) {
      breakpoints.push({ tokens, control: segment.breakpoint });
    }
  }
  const last = breakpoints.at(-1);
  if (!last) return { inputTokens: total, cacheCreationTokens: 0, cacheReadTokens: 0, ttl: '5m' };
  const laterTurn = request.messages.some((turn) => turn.role === 'assistant');
  const read = laterTurn ? (breakpoints.at(-2) ?? last).tokens : 0;
  return {
    inputTokens: total - last.tokens,
    cacheCreationTokens: last.tokens - read,
    cacheReadTokens: read,
    ttl: (last.control as Json).ttl === '1h' ? '1h' : '5m',
  };
}

function segmentsOf(request: MessagesRequest): readonly Segment[] {
  const segments: Segment[] = [];
  for (const { json } of request.tools) {
    segments.push({ tokens: countTokens(JSON.stringify(json)), breakpoint: json.cache_control });
  }
  for (const block of request.system) {
    segments.push({ tokens: blockTokens(block), breakpoint: block.cache_control });
  }
  for (const { content } of request.messages) {
    segments.push({ tokens: MESSAGE_TOKENS, breakpoint: undefined });
    for (const block of content)
      segments.push({ tokens: blockTokens(block), breakpoint: block.cache_control });
  }
  if (request.cacheControl) segments.push({ tokens: 0, breakpoint: request.cacheControl });
  return segments;
}

function blockTokens(block: Json): number {
  if (block.type === 'text') return countTokens(String(block.text));
  if (block.type === 'image') return IMAGE_TOKENS;
  if (block.type === 'document') return documentTokens(block.source as Json);
  if (block.type === 'tool_result') return contentTokens(block.content);
  return countTokens(JSON.stringify(block));
}

function documentTokens(source: Json): number {
  if (source.type === 'text') return countTokens(String(source.data));
  return source.type === 'content' ? contentTokens(source.content) : DOCUMENT_TOKENS;
}

function contentTokens(content: unknown): number {
  if (typeof content === 'string') return countTokens(content);
  if (!Array.isArray(content)) return 0;
  return content.reduce((sum: number, block: Json) => sum + blockTokens(block), 0);
}
