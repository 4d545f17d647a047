import { listOf, oneOrMore, orList } from '../matchers/one-or-more.ts';
import { Words } from '../phrase.ts';
import { count } from './first.ts';
import { defineTrigger, ordinalText } from './trigger.ts';

/** Fires on the matches listed. */
export const nth = defineTrigger({
  key: 'nth',
  summary: 'Fires on the N-th match, or on each of a list.',
  params: oneOrMore(count),
  examples: [3, [1, 3, 7]],
  compile: (params) => {
    const numbers = new Set(listOf<number>(params));
    const text = orList([...numbers].map(ordinalText)).replace(' or ', ' and ');
    const why = new Words(`fires on the ${text}`);
    return {
      fires: ({ index }) => numbers.has(index),
      couldFire: (index) => numbers.has(index),
      explain: () => (numbers.size === 1 ? `for the ${text} call` : `for the ${text} calls`),
      why: () => why,
    };
  },
  horizon: (params) => ({ until: Math.max(...listOf<number>(params)), period: 1 }),
});
