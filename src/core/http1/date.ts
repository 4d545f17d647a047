/** The Date field's format (RFC 9110 §5.6.7). */
import { memoLast } from '../memo-last.ts';

/**
 * IMF-fixdate of a wall time, e.g. `Sun, 06 Nov 1994 08:49:37 GMT`. The last second's text is kept:
 * under load a thousand answers share one.
 *
 * @param wall milliseconds since the Unix epoch
 */
export function httpDate(wall: number): string {
  return textOf(Math.floor(wall / 1000));
}

const textOf = memoLast((second: number): string => new Date(second * 1000).toUTCString());
