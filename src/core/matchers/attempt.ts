import { z } from 'zod';
import { defineMatcher } from './matcher.ts';
import { listOf, oneOrMore, orList } from './one-or-more.ts';

const number = z.int().min(0, 'attempts count from 0, the first try');
const range = z
  .strictObject({ min: number.optional(), max: number.optional() })
  .refine(({ min, max }) => min !== undefined || max !== undefined, 'give min or max, or both')
  .refine(({ min = 0, max = Infinity }) => min <= max, 'min is greater than max: swap them');

const explainOne = (spec: z.output<typeof range> | number): string => {
  if (typeof spec === 'number') return String(spec);
  const { min = 0, max } = spec;
  return max === undefined ? `${min} or later` : `${min} to ${max}`;
};

const bounds = (spec: z.output<typeof range> | number): readonly [from: number, to: number] =>
  typeof spec === 'number' ? [spec, spec] : [spec.min ?? 0, spec.max ?? Number.POSITIVE_INFINITY];

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
    const ranges = specs.map(bounds);
    return {
      test: (facts, memory) => {
        const now = memory.attempt(facts);
        return ranges.some(([from, to]) => now >= from && now <= to);
      },
      explain: () => `attempt is ${orList(specs.map(explainOne))}`,
    };
  },
  covers: (wide, narrow) =>
    listOf(narrow).every((one) => {
      const [from, to] = bounds(one);
      return listOf(wide).some((other) => bounds(other)[0] <= from && bounds(other)[1] >= to);
    }),
  excludes: (a, b) =>
    listOf(a).every((one) =>
      listOf(b).every((other) => bounds(one)[1] < bounds(other)[0] || bounds(other)[1] < bounds(one)[0]),
    ),
});
