import { z } from 'zod';
import { Words } from '../phrase.ts';
import { defineTrigger } from './trigger.ts';

/** A share, 0 to 1. */
export const share = z
  .number()
  .refine((p) => p >= 0 && p <= 1, 'a probability is a number from 0 (never) to 1 (always)');

/** How the reason of whoever draws begins. */
export const DREW = new Words('drew ');

/** Fires on a share of the matches, each drawn for itself. */
export const probability = defineTrigger({
  key: 'probability',
  summary: 'Fires with this probability, drawn for each match: 0 never, 1 always.',
  params: share,
  examples: [0.2, 0, 1],
  compile: (p, nextLane) => {
    const lane = nextLane();
    const below = new Words(`, fires below ${p}`);
    return {
      fires: (moment) => moment.draw(moment.nth, lane) < p,
      couldFire: () => true,
      explain: () => `with probability ${p}`,
      why: (moment) => [DREW, moment.draw(moment.nth, lane), below],
    };
  },
  always: (p) => p === 1,
  shareable: () => true,
});
