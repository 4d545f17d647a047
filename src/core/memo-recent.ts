/** Remembers the recent answers of a pure function of a peer's text. */
import { memoLast } from './memo-last.ts';
import { LONG_TEXT, ownText } from './peer-text.ts';

/**
 * A pure function of a text that keeps its last `limit` answers, and begins anew beyond them. Long texts are worked out
 * each time: a peer has no say in how much is kept.
 *
 * @param of gives the same for the same text, always
 */
export function memoRecent<R extends object | string>(
  of: (text: string) => R,
  limit: number,
): (text: string) => R {
  const known = new Map<string, R>();
  // Compared before it is hashed: a peer brings the same as a new text each time.
  const recent = memoLast((text: string): R => {
    let result = known.get(text);
    if (result === undefined) {
      result = of(text);
      if (known.size >= limit) known.clear();
      known.set(ownText(text), result);
    }
    return result;
  });
  return (text) => (text.length > LONG_TEXT ? of(text) : recent(text));
}
