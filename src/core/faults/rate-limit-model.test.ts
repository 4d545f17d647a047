/** The rate limit against a model of it that works another way. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RateLimitModel } from '../../../test/support/rate-limit-model.ts';
import { arm, end, facts, headersOf, passes, refusal } from '../../../test/support/rate-limited.ts';
import { atMs } from '../../../test/support/request-facts.ts';
import { faultKinds } from '../rules/decision.ts';

const step = fc.record({
  after: fc.nat({ max: 20_000 }),
  key: fc.constantFrom('a', 'b'),
  model: fc.constantFrom('m', 'n'),
  input: fc.integer({ min: 1, max: 700 }),
  maxTokens: fc.integer({ min: 1, max: 250 }),
  lasts: fc.nat({ max: 30_000 }),
  usage: fc.option(
    fc.record({
      inputTokens: fc.nat({ max: 900 }),
      outputTokens: fc.nat({ max: 300 }),
      cacheReadTokens: fc.nat({ max: 5_000 }),
      cacheCreationTokens: fc.nat({ max: 200 }),
    }),
    { nil: undefined },
  ),
});
const limit = (max: number) => fc.option(fc.integer({ min: 1, max }), { nil: undefined });

test('decides as the model of whole numbers does, to the second of every retry-after', () => {
  const limits = fc
    .record({ requests: limit(8), input: limit(1_000), output: limit(300) })
    .filter((all) => Object.values(all).some((one) => one !== undefined));
  fc.assert(
    fc.property(
      limits,
      fc.boolean(),
      fc.constantFrom(60_000, 60_000, 10_000, 1_501, 333),
      fc.array(step, { minLength: 1, maxLength: 40 }),
      (all, reserve, burst, steps) => {
        const rules = arm({
          ...(all.requests === undefined ? {} : { requests_per_minute: all.requests }),
          ...(all.input === undefined ? {} : { input_tokens_per_minute: all.input }),
          ...(all.output === undefined ? {} : { output_tokens_per_minute: all.output }),
          reserve_output: reserve,
          burst: `${burst}ms`,
        });
        const model = new RateLimitModel({
          ...Object.fromEntries(Object.entries(all).filter(([, one]) => one !== undefined)),
          burst,
        });
        const running: { at: number; settle: () => void }[] = [];
        let now = 0;
        for (const { after, key, model: name, input, maxTokens, lasts, usage } of steps) {
          now += after;
          const due = running.filter(({ at }) => at <= now).sort((a, b) => a.at - b.at);
          for (const one of due) {
            running.splice(running.indexOf(one), 1);
            one.settle();
          }
          const decision = rules.decide(facts({ key, model: name, input, maxTokens }), atMs(now));
          const output = reserve ? maxTokens : 0;
          const expected = model.call({ key, model: name, at: now, input, output });
          if (!expected.passes) {
            const seconds = Number.isFinite(expected.retryAfter)
              ? expected.retryAfter
              : Math.ceil(burst / 1000);
            expect(headersOf(refusal(decision))['retry-after']).toBe(String(seconds));
            continue;
          }
          const headers = passes(decision);
          if (all.requests !== undefined)
            expect(headers['anthropic-ratelimit-requests-remaining']).toBe(
              String(model.left(key, name, 'requests', now)),
            );
          const at = now + lasts;
          running.push({
            at,
            settle: () => {
              end(rules, decision, at, usage);
              const counted = usage && {
                input: usage.inputTokens + usage.cacheCreationTokens,
                output: usage.outputTokens,
              };
              expected.settle(counted, at);
            },
          });
        }
      },
    ),
    { numRuns: 300 },
  );
});

test('whoever waits as long as it is told is let in: never a second 429 in a row', () => {
  const calls = fc.array(
    fc.record({
      input: fc.integer({ min: 1, max: 500 }),
      used: fc.nat({ max: 2_000 }),
      out: fc.nat({ max: 400 }),
    }),
    { minLength: 1, maxLength: 30 },
  );
  fc.assert(
    fc.property(calls, fc.constantFrom(1, 0.1, 0.007, 3), (list, timeScale) => {
      const rules = arm(
        {
          requests_per_minute: 7,
          input_tokens_per_minute: 500,
          output_tokens_per_minute: 100,
          early_retry_penalty: '30s',
        },
        { timeScale },
      );
      let now = 0;
      for (const { input, used: inputTokens, out } of list) {
        let decision = rules.decide(facts({ input }), atMs(now));
        if (faultKinds(decision).length > 0) {
          now += Number(headersOf(refusal(decision))['retry-after']) * 1000;
          decision = rules.decide(facts({ input }), atMs(now));
        }
        passes(decision);
        end(rules, decision, now, { inputTokens, outputTokens: out });
      }
    }),
  );
});
