import { expect, test } from 'vitest';
import { z } from 'zod';
import { timeout } from './timeout.ts';

const plan = (input: z.input<typeof timeout.params>) =>
  timeout.plan(timeout.params.parse(input), { seed: '1', messages: 'real' })({} as never);

test.each([
  [{}, [{ do: 'end', at: 'request', how: 'hang' }]],
  [{ at: 'head' as const }, [{ do: 'end', at: 'head', how: 'hang' }]],
  [
    { for: '30s' },
    [
      { do: 'delay', at: 'request', ms: 30_000 },
      { do: 'end', at: 'request', how: 'close' },
    ],
  ],
  [
    { at: 'head' as const, for: '1s', end: 'reset' as const },
    [
      { do: 'delay', at: 'head', ms: 1_000 },
      { do: 'end', at: 'head', how: 'reset' },
    ],
  ],
])('%j', (input, effects) => {
  expect(plan(input)).toEqual(effects);
});

test('an end without a time is refused', () => {
  expect(z.prettifyError(timeout.params.safeParse({ end: 'reset' }).error!)).toContain(
    'add for: 30s, or drop end',
  );
});
