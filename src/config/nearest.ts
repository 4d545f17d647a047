/** Finds the setting that somebody most likely meant: for unknown flags, keys, variables and commands. */
import { nearest as nearestWord } from '../core/rules/nearest.ts';

/**
 * The candidate closest to `name`, or undefined when none is close. Leading dashes and `AEP_` do not count, and a
 * whole word in common is close enough.
 *
 * @example nearest('--probability', ['--error-probability', '--error-body']) // '--error-probability'
 */
export function nearest(name: string, candidates: Iterable<string>): string | undefined {
  const byBare = new Map(Array.from(candidates, (candidate) => [bare(candidate), candidate]));
  const wanted = bare(name);
  if (wanted === '') return undefined;
  const close = nearestWord(wanted, byBare.keys());
  // A word in common beats a few letters in common, but not a plain typo.
  const sharing = [...byBare.keys()].filter((candidate) => candidate.split('-').includes(wanted));
  const found = sharing.length === 1 && close?.[0] !== wanted[0] ? sharing[0] : (close ?? sharing[0]);
  return found === undefined ? undefined : byBare.get(found);
}

/** ` Did you mean X?` with a leading space, or nothing: to be put behind a sentence. */
export function didYouMean(name: string, candidates: Iterable<string>): string {
  const found = nearest(name, candidates);
  return found === undefined ? '' : ` Did you mean ${found}?`;
}

function bare(name: string): string {
  return name.toLowerCase().replace(/^-+/, '').replace(/^aep_/, '').replaceAll('_', '-');
}
