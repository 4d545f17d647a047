/** Finds the name that somebody most likely meant: for unknown flags, keys, variables, commands and rule parts. */

/**
 * The candidate closest to `name`, or undefined when none is close.
 * Case and the choice of `-` or `_` do not count; a whole word in common does (`probability` finds `error_probability`).
 *
 * @example
 * ```ts
 * nearest('eror_probability', ['error_probability', 'error_body']); // 'error_probability'
 * ```
 */
export function nearest(name: string, candidates: Iterable<string>): string | undefined {
  const wanted = plain(name);
  if (wanted === '') return undefined;
  let best: string | undefined;
  let bestCost = Number.POSITIVE_INFINITY;
  for (const candidate of candidates) {
    const cost = costOf(wanted, plain(candidate));
    if (cost < bestCost) {
      best = candidate;
      bestCost = cost;
    }
  }
  return bestCost <= Math.max(1, Math.floor(wanted.length * 0.4)) ? best : undefined;
}

/** ` Did you mean X?` with a leading space, or nothing: to be put behind a sentence. */
export function didYouMean(name: string, candidates: Iterable<string>): string {
  const found = nearest(name, candidates);
  return found === undefined ? '' : ` Did you mean ${found}?`;
}

function plain(name: string): string {
  return name.toLowerCase().replace(/^-+/, '').replace(/^aep_/, '').replaceAll('_', '-');
}

function costOf(wanted: string, candidate: string): number {
  const words = candidate.split('-');
  // A word in common beats a random typo, an exact spelling beats both.
  if (words.length > 1 && wanted.length > 2 && words.includes(wanted)) return 0.5;
  return distance(wanted, candidate);
}

/** Optimal string alignment: insert, delete, replace, or swap two neighbours, at cost 1 each. */
function distance(a: string, b: string): number {
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      let cost = Math.min(
        previous[j]! + 1,
        row[j - 1]! + 1,
        previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1),
      );
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        cost = Math.min(cost, before[j - 2]! + 1);
      row.push(cost);
    }
    before = previous;
    previous = row;
  }
  return previous[b.length]!;
}
