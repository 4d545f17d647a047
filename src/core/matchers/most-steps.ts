/**
 * What asking one condition about one call may cost, in steps of some 10 to 20 ns: a body or a header comes from a
 * client, and whatever it holds, no rule may keep the proxy from its other calls. An expression takes a step for
 * each of its parts that is evaluated, and more where texts and lists are long; a regular expression takes
 * the length of the text times the size of its program at the worst.
 */
export const MOST_STEPS = 10_000_000;

/** Why a condition that costs more cannot tell. @param what `its expression`, in words */
export function tooManySteps(what: string): string {
  return `${what} would take more than ${MOST_STEPS / 1e6} million steps on this call`;
}
