import { z } from 'zod';
import { Words } from '../phrase.ts';
import { msOf, positiveDuration } from './duration-text.ts';
import { count } from './first.ts';
import { DREW, share } from './probability.ts';
import { countsFromArmed, elapsed, since, sinceText } from './since.ts';
import { defineTrigger, type Moment } from './trigger.ts';

const BELOW = new Words(', fires below ');
const BY_NOW = new Words(' by now');

/** Fires with a probability that goes from one value to another, and stays there. */
export const ramp = defineTrigger({
  key: 'ramp',
  summary:
    'Fires with a probability that goes evenly from `from` (0) to `to` (1) `over` a time or a number of matches, and stays there; until `after` it is `from`. Time counts from when the rules were armed, or `since: first-match` or `first-call`.',
  params: z
    .strictObject({
      from: share.optional(),
      to: share.optional(),
      over: z.union([count, positiveDuration]),
      after: positiveDuration.optional(),
      since: since.optional(),
    })
    .refine(
      (spec) => spec.after === undefined || typeof spec.over === 'string',
      'after is a time: give `over` as a duration such as 10m, or let `skip` pass the first calls',
    )
    .refine(
      (spec) => spec.since === undefined || typeof spec.over === 'string',
      'since counts time: give `over` as a duration such as 10m, or leave `since` out',
    ),
  examples: [
    { over: '10m' },
    { from: 0.5, to: 0, over: 200 },
    { to: 0.4, over: '2m', after: '10m', since: 'first-match' },
  ],
  compile: ({ from = 0, to = 1, over, after, since: start }, nextLane) => {
    const lane = nextLane();
    const begin = after === undefined ? 0 : msOf(after);
    const length = typeof over === 'string' ? msOf(over) : over;
    const share = (moment: Moment): number => {
      const past = typeof over === 'string' ? elapsed(moment, start) - begin : moment.index;
      return from + (to - from) * Math.min(1, Math.max(0, past / length));
    };
    return {
      fires: (moment) => moment.draw(moment.nth, lane) < share(moment),
      couldFire: () => true,
      explain: () =>
        `with a probability going from ${from} to ${to} over ${typeof over === 'string' ? `${over}${after === undefined ? '' : ` from ${after}`} ${sinceText(start)}` : `${over} calls`}`,
      why: (moment) => [DREW, moment.draw(moment.nth, lane), BELOW, share(moment), BY_NOW],
    };
  },
  timed: ({ over }) => typeof over === 'string',
  shareable: ({ over, since: start }) => typeof over === 'string' && countsFromArmed(start),
});
