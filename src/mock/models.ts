/**
 * Which models there are, and what they can do. Names are those in the type `Model` of the official TypeScript SDK
 * 1.12.0; any other id of the usual form is accepted too. Limits are plausible, not authoritative.
 */

export interface Model {
  readonly id: string;
  readonly line: 'opus' | 'sonnet' | 'haiku' | 'fable' | 'mythos';
  /** Generation as a number to compare: 4.5 is 405, 5 is 500. A preview counts as 500. */
  readonly generation: number;
  readonly maxInputTokens: number;
  readonly maxTokens: number;
  /**
   * False from generation 4.6 on: the conversation must end with a user message (found so by third parties, per
   * model).
   */
  readonly prefill: boolean;
}

/** Ids that GET /v1/models lists, newest first. */
export const LISTED_MODELS: readonly string[] = [
  'claude-fable-5-2',
  'claude-mythos-5-2',
  'claude-haiku-5-5',
  'claude-sonnet-5-5',
  'claude-fable-5-1',
  'claude-opus-5-5',
  'claude-mythos-5-1',
  'claude-sonnet-5',
  'claude-fable-5',
  'claude-mythos-5',
  'claude-opus-5',
  'claude-opus-4-8',
  'claude-opus-4-7',
  'claude-mythos-preview',
  'claude-opus-4-6',
  'claude-sonnet-4-6',
  'claude-opus-4-5-20251101',
  'claude-haiku-4-5-20251001',
  'claude-sonnet-4-5-20250929',
];

const LINES = 'opus|sonnet|haiku|fable|mythos';
const SUFFIX = '(?:-\\d{8}|-latest)?';
/** claude-opus-4-5, claude-sonnet-4-20250514, claude-haiku-4-5-20251001. */
const MODERN = new RegExp(`^claude-(${LINES})-(\\d{1,2})(?:-(\\d{1,2}))?${SUFFIX}$`);
/** claude-3-opus-20240229, claude-3-7-sonnet-latest. */
const CLASSIC = new RegExp(`^claude-(3)(?:-([57]))?-(${LINES})${SUFFIX}$`);
const PREVIEW = new RegExp(`^claude-(${LINES})-preview$`);

/** Finds a model by its id; undefined for an id that no Claude model would have. */
export function findModel(id: string): Model | undefined {
  const modern = MODERN.exec(id);
  if (modern) return model(id, modern[1], Number(modern[2]) * 100 + Number(modern[3] ?? 0));
  const classic = CLASSIC.exec(id);
  if (classic) return model(id, classic[3], 300 + Number(classic[2] ?? 0));
  const preview = PREVIEW.exec(id);
  return preview ? model(id, preview[1], 500) : undefined;
}

function model(id: string, line: string | undefined, generation: number): Model {
  return {
    id,
    line: line as Model['line'],
    generation,
    maxInputTokens: generation >= 406 ? 1_000_000 : 200_000,
    maxTokens: maxTokens(line, generation),
    prefill: generation < 406,
  };
}

function maxTokens(line: string | undefined, generation: number): number {
  if (generation >= 406) return 128_000;
  if (generation >= 400) return line === 'opus' && generation < 405 ? 32_000 : 64_000;
  if (generation === 307) return 64_000;
  return generation === 305 ? 8192 : 4096;
}
