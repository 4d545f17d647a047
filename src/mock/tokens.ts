/**
 * A tokenizer of no model: it cuts text into pieces of about four letters. Counts and cuts are made with it alone, so
 * that `count_tokens`, `usage`, `max_tokens` and the deltas of a stream agree with each other.
 */

// A word's piece with the blank before it, one sign, or blanks left over. Together they match every character.
const PIECE = /[ \t]?[\p{L}\p{N}]{1,5}|[ \t]?[^\s\p{L}\p{N}]|\s+/gu;

/** Cuts text into pieces; joined, they are the text again. */
export function splitTokens(text: string): string[] {
  return text.match(PIECE) ?? [];
}

/** How many pieces `splitTokens` would give, without making them. */
export function countTokens(text: string): number {
  PIECE.lastIndex = 0;
  let count = 0;
  while (PIECE.test(text)) count += 1;
  return count;
}
