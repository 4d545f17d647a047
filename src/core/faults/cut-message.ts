/** Shortens a whole JSON answer, as if the model had stopped early. */
import { asObject, type JsonObject } from '../anthropic/stream.ts';
import { estimateTokens } from '../anthropic/stream-position.ts';
import type { Place } from './place.ts';
import { blocksOf } from './rewrite-message.ts';

/**
 * Cuts `message.content` in place: after the text or tokens of `place`, else after half of what is there. The block in
 * which the cut falls keeps its beginning; what comes behind it is dropped. Tool input, which JSON cannot hold in half,
 * is emptied. `usage.output_tokens` shrinks with it.
 */
export function cutMessage(message: JsonObject, place: Place): void {
  const blocks = blocksOf(message);
  const total = blocks.reduce((sum, block) => sum + sizeOf(block), 0);
  const wanted = place.by === 'text' ? place.count : place.by === 'tokens' ? place.count * 4 : total >> 1;
  const kept: JsonObject[] = [];
  let left = Math.min(wanted, total);
  for (const block of blocks) {
    const size = sizeOf(block);
    if (size <= left) kept.push(block);
    else if (left > 0) kept.push(shorten(block, left));
    left -= size;
    if (left <= 0) break;
  }
  message.content = kept;
  const usage = asObject(message.usage);
  if (usage !== undefined && typeof usage.output_tokens === 'number') {
    usage.output_tokens = Math.min(usage.output_tokens, estimateTokens(Math.min(wanted, total)));
  }
}

function sizeOf(block: JsonObject): number {
  if (typeof block.text === 'string') return block.text.length;
  if (typeof block.thinking === 'string') return block.thinking.length;
  return block.input === undefined ? 0 : JSON.stringify(block.input).length;
}

function shorten(block: JsonObject, length: number): JsonObject {
  if (typeof block.text === 'string') return { ...block, text: block.text.slice(0, length) };
  if (typeof block.thinking === 'string') return { ...block, thinking: block.thinking.slice(0, length) };
  return { ...block, input: {} };
}
