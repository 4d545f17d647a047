import { z } from 'zod';
import { defineMatcher } from './matcher.ts';
import { listOf, oneOrMore, orList } from './one-or-more.ts';
import { compilePatterns } from './text-pattern.ts';

const fingerprint = z
  .string()
  .regex(
    /^(?:[0-9a-f]{12}|none)$/,
    'not a key fingerprint: the 12 hex digits that the event log shows as `client`, or `none`; never the key itself',
  );

/** Who calls: by fingerprint of the key, never by the key, and by user agent. */
export const client = defineMatcher({
  key: 'client',
  phase: 'exchange',
  reads: 'head',
  summary:
    'The key has this fingerprint (`key`: 12 hex digits as in the event log, or `none`), or the user agent matches this glob (`user_agent`); both, if both are given.',
  params: z
    .strictObject({
      key: oneOrMore(fingerprint).optional(),
      user_agent: oneOrMore(z.string().min(1)).optional(),
    })
    .refine(
      (spec) => spec.key !== undefined || spec.user_agent !== undefined,
      'give key or user_agent, or both',
    ),
  examples: [
    { user_agent: 'claude-cli/*' },
    { key: ['0123456789ab', 'none'], user_agent: 'Anthropic/Python *' },
  ],
  compile: ({ key, user_agent }) => {
    const keys = key === undefined ? undefined : listOf(key);
    const agent = user_agent === undefined ? undefined : compilePatterns(user_agent, 'text');
    return {
      test: (facts) =>
        (keys?.includes(facts.client) ?? true) &&
        (agent === undefined || agent.test(facts.header('user-agent') ?? '')),
      explain: () =>
        [
          ...(keys ? [`the key's fingerprint is ${orList(keys)}`] : []),
          ...(agent ? [`the user agent ${agent.explain()}`] : []),
        ].join(' and '),
    };
  },
});
