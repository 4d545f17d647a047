import { z } from 'zod';
import { msOf, positiveDuration } from './duration-text.ts';
import { share } from './probability.ts';
import { defineTrigger, type Moment } from './trigger.ts';

/** Keeps catching up after an idle day to some ten milliseconds. */
const step = positiveDuration.refine((text) => msOf(text) >= 1000, 'a step is at least 1s long');

/**
 * Follows the chain of good and bad spells: whether the spell is bad at a step follows from the draws of all steps
 * up to it, and going on from where it was last asked makes a step cost one draw.
 */
function chain(enter: number, leave: number, lane: number): (moment: Moment, step: number) => boolean {
  let at = 0;
  let bad = false;
  return (moment, target) => {
    if (target < at) {
      at = 0;
      bad = false;
    }
    while (at < target) {
      at++;
      bad = moment.draw(at, lane) < (bad ? 1 - leave : enter);
    }
    return bad;
  };
}

/**
 * Failures in bursts, as of a line that is good or bad for a while (Gilbert 1960, Elliott 1963): a chain of two
 * states, one step per match or per `step` of time, and a probability to fail in each state. The state at step n
 * follows from the draws of steps 1 to n alone, so it is the same under any concurrency.
 */
export const burst = defineTrigger({
  key: 'burst',
  summary:
    'Fires in bursts (Gilbert-Elliott): before each match a good spell turns bad with probability `enter`, a bad one good with `leave`. Fires with probability `inside` (1) in a bad spell and `outside` (0) in a good one. With `step: 1s` spells turn by time.',
  params: z.strictObject({
    enter: share,
    leave: share,
    inside: share.optional(),
    outside: share.optional(),
    step: step.optional(),
  }),
  examples: [
    { enter: 0.05, leave: 0.3 },
    { enter: 0.1, leave: 0.5, inside: 0.8, outside: 0.01 },
    { enter: 0.02, leave: 0.1, step: '1s' },
  ],
  compile: ({ enter, leave, inside = 1, outside = 0, step: long }, nextLane) => {
    const turn = nextLane();
    const fail = nextLane();
    const stepMs = long === undefined ? undefined : msOf(long);
    const stepOf = (moment: Moment): number =>
      stepMs === undefined ? moment.nth : Math.floor(moment.now / stepMs) + 1;
    const deciding = chain(enter, leave, turn);
    // Looks back to explain; on a chain of its own, so that deciding never starts anew.
    const explaining = chain(enter, leave, turn);
    return {
      fires: (moment) =>
        moment.draw(moment.nth, fail) < (deciding(moment, stepOf(moment)) ? inside : outside),
      couldFire: () => true,
      explain: () =>
        `in bursts (entered with probability ${enter}, left with ${leave}${inside === 1 ? '' : `, failing ${inside} inside`}${outside === 0 ? '' : `, ${outside} outside`}${long === undefined ? '' : `, one step per ${long}`})`,
      why: (moment) =>
        explaining(moment, stepOf(moment))
          ? `inside a burst, fires with probability ${inside}`
          : `outside a burst, fires with probability ${outside}`,
    };
  },
  timed: (params) => params.step !== undefined,
  shareable: (params) => params.step !== undefined,
});
