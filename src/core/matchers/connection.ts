import { z } from 'zod';
import { defineMatcher } from './matcher.ts';

/** Whether the client's connection carried an earlier call. */
export const connection = defineMatcher({
  key: 'connection',
  phase: 'exchange',
  reads: 'head',
  summary: 'The call is the first on its client connection (`fresh`) or not (`reused`).',
  params: z.enum(['fresh', 'reused']),
  examples: ['reused', 'fresh'],
  compile: (params) => {
    const reused = params === 'reused';
    return { test: (facts) => facts.reused === reused, explain: () => `the connection is ${params}` };
  },
  excludes: (a, b) => a !== b,
});
