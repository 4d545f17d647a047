import { z } from 'zod';
import { defineMatcher } from './matcher.ts';
import { listOf, oneOrMore, orList } from './one-or-more.ts';

const number = z.int().min(0, 'attempts count from 0, the first try');
const range = z
  .strictObject({ min: number.optional(), max: number.optional() })
  .refine(({ min, max }) => min !== undefined || max !== undefined, 'give min or max, or both')
  .refine(({ min = 0, max = Infinity }) => min <= max, 'min is greater than max: swap them');

const includes = (spec: z.output<typeof range> | number, attempt: number): boolean =>
  typeof spec === 'number'
    ? spec === attempt
    : attempt >= (spec.min ?? 0) && attempt <= (spec.max ?? Infinity);

const explainOne = (spec: z.output<typeof range> | number): string => {
  if (typeof spec === 'number') return String(spec);
  const { min = 0, max } = spec;
  return max === undefined ? `${min} or later` : `${min} to ${max}`;
};

/** Which try of one call this is. */
export const attempt = defineMatcher({
  key: 'attempt',
  phase: 'exchange',
  reads: 'body',
  remembers: true,
  summary:
    'Retry number: 0 is the first try. From `x-stainless-retry-count` if that is above 0, else one more than the last failed call with the same key and body.',
  params: oneOrMore(z.union([number, range])),
  examples: [1, [0, { min: 2 }], { min: 1, max: 3 }],
  compile: (params) => {
    const specs = listOf(params);
    return {
      test: (facts, memory) => {
        const now = memory.attempt(facts);
        return specs.some((spec) => includes(spec, now));
      },
      explain: () => `attempt is ${orList(specs.map(explainOne))}`,
    };
  },
});
