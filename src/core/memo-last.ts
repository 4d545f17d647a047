/** Remembers the last answer of a pure function: what comes again and again, one after the other, is worked out once. */

/**
 * A pure function that keeps its last argument, compared by `===`, and what came of it. It holds on to both, so neither
 * may be large. What throws is not kept.
 *
 * @param of gives the same for the same argument, always: whoever asks, in whichever engine, gets the same object
 */
export function memoLast<A, R>(of: (argument: A) => R): (argument: A) => R {
  let known = false;
  let last: A;
  let result: R;
  return (argument) => {
    if (known && argument === last) return result;
    result = of(argument);
    last = argument;
    known = true;
    return result;
  };
}
