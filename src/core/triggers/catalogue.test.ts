/** Every trigger, whoever wrote it: a new one is tested by existing. When each fires is in `triggers.test.ts`. */
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { moments } from '../../../test/support/moments.ts';
import { phraseText } from '../phrase.ts';
import { triggerCatalogue, triggers } from './catalogue.ts';
import { compileTrigger, type TriggerSpec, triggerSpecSchema } from './trigger-spec.ts';

it('is keyed as the triggers are', () => {
  for (const [key, definition] of Object.entries(triggers)) expect(definition.key).toBe(key);
});

describe.each(triggerCatalogue.map((definition) => [definition.key, definition] as const))(
  '%s',
  (key, definition) => {
    it('is named and told as the docs need it', () => {
      expect(key).toMatch(/^[a-z][a-z0-9]*(_[a-z0-9]+)*$/);
      expect(definition.summary).toMatch(/^[A-Z].{15,}\.$/);
      expect(definition.examples.length).toBeGreaterThan(0);
    });

    describe.each(definition.examples.map((example) => [JSON.stringify(example), example]))(
      'example %s',
      (_, example) => {
        const spec = { [key]: example } as TriggerSpec;

        it('parses, is explained, and has a JSON Schema', () => {
          expect(triggerSpecSchema.parse(spec), 'checking changes nothing').toEqual(spec);
          const trigger = compileTrigger(spec);
          expect(trigger.explain()).toMatch(/^[a-z].{4,}/);
          expect(trigger.explain()).not.toMatch(/undefined|NaN|Infinity|\[object/);
          expect(phraseText(trigger.why(moments('s')[0]!))).not.toMatch(/undefined|NaN|Infinity|\[object/);
          expect(Object.keys(z.toJSONSchema(definition.params, { io: 'input' })).length).toBeGreaterThan(1);
        });

        const plan = (seed: string): boolean[] => {
          const trigger = compileTrigger(spec);
          return moments(seed).map((moment) => {
            const fires = trigger.fires(moment);
            if (fires) trigger.fired?.(moment);
            return fires;
          });
        };

        it('the same seed gives the same plan', () => {
          expect(plan('a')).toEqual(plan('a'));
        });

        it('does not depend on which matches it was asked for, unless it remembers what it did', () => {
          const trigger = compileTrigger(spec);
          const all = plan('a');
          moments('a').forEach((moment, i) => {
            if (i % 3 === 1) expect(trigger.fires(moment)).toBe(key === 'once_per' ? true : all[i]);
          });
        });

        it('could fire wherever it does, and repeats itself beyond its horizon', () => {
          const trigger = compileTrigger(spec);
          plan('a').forEach((fires, i) => {
            if (fires) expect(trigger.couldFire(i + 1)).toBe(true);
          });
          const { until, period } = trigger.horizon;
          for (let i = until + 1; i < until + 50; i++)
            expect(trigger.couldFire(i + period)).toBe(trigger.couldFire(i));
        });

        it('explaining changes nothing', () => {
          const trigger = compileTrigger(spec);
          const first = moments('a')[0]!;
          const fired = moments('a').map((moment) => {
            trigger.why(moment);
            trigger.why(first);
            const fires = trigger.fires(moment);
            if (fires) trigger.fired?.(moment);
            return fires;
          });
          expect(fired).toEqual(plan('a'));
        });

        it('depends on time only if it says so', () => {
          if (compileTrigger(spec).timed) return;
          const later = compileTrigger(spec);
          const fired = moments('a').map((moment) => {
            const fires = later.fires({ ...moment, now: moment.now * 7 + 13, firstMatch: 5 });
            if (fires) later.fired?.(moment);
            return fires;
          });
          expect(fired).toEqual(plan('a'));
        });

        it('is shareable only if nothing but its own draw and the time decides', () => {
          if (!compileTrigger(spec).shareable) return;
          const [first] = moments('a');
          for (const x of [0, 0.3, 0.6, 0.99])
            for (const now of [0, 45_000, 400_000]) {
              const trigger = compileTrigger(spec);
              const answers = [1, 2, 3, 7, 10, 500].map((n) => {
                const count = { nth: n, index: n, ordinal: n, firstMatch: n * 900, firstCall: n * 700 };
                const moment = { ...first!, ...count, now, conversation: `c${n % 2}`, draw: () => x };
                const fires = trigger.fires(moment);
                if (fires) trigger.fired?.(moment);
                return fires;
              });
              expect(new Set(answers).size).toBe(1);
            }
        });
      },
    );

    it('refuses nonsense', () => {
      expect(definition.params.safeParse({ no_such_thing: {} }).success).toBe(false);
      expect(definition.params.safeParse('sometimes').success).toBe(false);
    });
  },
);
