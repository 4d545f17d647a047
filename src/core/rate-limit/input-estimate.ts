/**
 * What a request will weigh, before anybody counted it: the API estimates input tokens when a request arrives and
 * corrects the estimate by what was really used (D:api/rate-limits). How it estimates is not published.
 */

/** Flat weights of what has no text, about what the API says of an image of full size and of a page or two. */
const IMAGE_TOKENS = 1_600;
const DOCUMENT_TOKENS = 3_000;
/** Shorter prefixes are not cached (D:build-with-claude/prompt-caching). */
const MIN_CACHED_TOKENS = 1_024;

type Json = Readonly<Record<string, unknown>>;

/**
 * Input tokens that a request will be charged with. What stands before its last `cache_control` is left out: it will
 * be read from the cache, and is charged afterwards where it was not.
 *
 * @param json the parsed body
 * @param charsPerToken about 4 in English
 */
export function estimateInputTokens(json: unknown, charsPerToken: number): number {
  if (!isObject(json)) return 0;
  let tokens = 0;
  let cached = 0;
  const add = (block: unknown): void => {
    tokens += weightOf(block, charsPerToken);
    if (isObject(block) && isObject(block.cache_control) && tokens >= MIN_CACHED_TOKENS) cached = tokens;
  };
  for (const tool of listOf(json.tools)) add(tool);
  for (const block of listOf(json.system)) add(block);
  for (const message of listOf(json.messages)) {
    if (isObject(message)) for (const block of listOf(message.content)) add(block);
  }
  return Math.ceil(tokens - cached);
}

/** A text stands for a list with it alone. */
function listOf(value: unknown): readonly unknown[] {
  if (typeof value === 'string') return [value];
  return Array.isArray(value) ? value : [];
}

function weightOf(block: unknown, charsPerToken: number): number {
  if (typeof block === 'string') return block.length / charsPerToken;
  if (!isObject(block)) return 0;
  if (block.type === 'text' && typeof block.text === 'string') return block.text.length / charsPerToken;
  if (block.type === 'image') return IMAGE_TOKENS;
  if (block.type === 'document') return DOCUMENT_TOKENS;
  if (block.type === 'tool_result') {
    return listOf(block.content).reduce<number>((sum, one) => sum + weightOf(one, charsPerToken), 0);
  }
  return JSON.stringify(block).length / charsPerToken;
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
