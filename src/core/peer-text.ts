/** Texts of a peer's that are remembered beyond its call: bounded in number, so they must be bounded in length as well. */
import { murmur3 } from './murmur3.ts';

/** No name of a model, a session or a key comes near it. */
export const LONG_TEXT = 256;

/** A copy. A part of a text keeps all of that text in memory: of a field's value, the whole head. */
export function ownText(text: string): string {
  return Buffer.from(text, 'utf16le').toString('utf16le');
}

/** What tells a text apart from others, and is short: the text itself, unless it is long. */
export function shortKey(text: string): string {
  if (text.length <= LONG_TEXT) return text;
  const bytes = Buffer.from(text, 'utf16le');
  return `${text.length}:${[1, 2, 3, 4].map((seed) => murmur3(bytes, seed).toString(16)).join(':')}`;
}

/** The text as it is told: cut where it is long. */
export function toldText(text: string): string {
  return text.length <= LONG_TEXT ? text : `${ownText(text.slice(0, LONG_TEXT))}…`;
}
