import { z } from 'zod';
import { Words } from '../phrase.ts';
import { defineTrigger } from './trigger.ts';

const ALWAYS = new Words('fires always');

/** Fires on every match: what a rule without a trigger does. */
export const always = defineTrigger({
  key: 'always',
  summary: 'Fires on every match. Also written `trigger: always`, and what a rule without a trigger does.',
  params: z.literal(true),
  examples: [true],
  compile: () => ({
    fires: () => true,
    couldFire: () => true,
    explain: () => 'always',
    why: () => ALWAYS,
  }),
  always: () => true,
});
