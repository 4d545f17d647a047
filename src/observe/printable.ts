/** Text from the network, made safe for a terminal. */

/**
 * Replaces control characters, and characters that reorder or hide text, by `\xNN` or `\u{NNNN}`:
 * a path from a client must not move the cursor or paint a false log line.
 */
export function printable(text: string): string {
  return UNSAFE.test(text) ? text.replace(UNSAFE_ALL, escapeOne) : text;
}

/** A value as JSON that is safe for a terminal, too. `JSON.stringify` leaves all but the first 32 characters as they are. */
export function printableJson(value: unknown): string {
  const json = JSON.stringify(value);
  // Such characters stand only in strings, where an escape means the same.
  return UNSAFE.test(json) ? json.replace(UNSAFE_ALL, escapeInJson) : json;
}

/** Controls, formats (bidi marks, soft hyphens, tags …), what is drawn as nothing, line and paragraph separators. */
const CLASS = '[\\p{Cc}\\p{Cf}\\p{Default_Ignorable_Code_Point}\\p{Zl}\\p{Zp}]';
const UNSAFE = new RegExp(CLASS, 'u');
const UNSAFE_ALL = new RegExp(CLASS, 'gu');

function escapeOne(character: string): string {
  const code = character.codePointAt(0)!;
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
}

function escapeInJson(character: string): string {
  let escaped = '';
  for (let i = 0; i < character.length; i++)
    escaped += `\\u${character.charCodeAt(i).toString(16).padStart(4, '0')}`;
  return escaped;
}
