/** Texts of a peer's that are remembered beyond its call: bounded in number, so they must be bounded in length as well. */

/** No name of a model, a session or a key comes near it. */
export const LONG_TEXT = 256;

/** A copy. A part of a text keeps all of that text in memory: of a field's value, the whole head. */
export function ownText(text: string): string {
  return Buffer.from(text, 'utf16le').toString('utf16le');
}

/** What tells a text apart from others, and is short: the text itself, unless it is long. */
export function shortKey(text: string): string {
  if (text.length <= LONG_TEXT) return text;
  return `${text.length}:${hash(text, 0x85ebca6b)}:${hash(text, 0xc2b2ae35)}:${hash(text, 0x27d4eb2f)}`;
}

/** Without a copy: the text may be some megabytes. It protects nothing. */
function hash(text: string, factor: number): string {
  let sum = factor;
  for (let i = 0; i < text.length; i++) {
    sum = Math.imul(sum ^ text.charCodeAt(i), factor);
    sum ^= sum >>> 15;
  }
  return (sum >>> 0).toString(16);
}

/** The text as it is told: cut where it is long. */
export function toldText(text: string): string {
  return text.length <= LONG_TEXT ? text : `${ownText(text.slice(0, LONG_TEXT))}…`;
}
