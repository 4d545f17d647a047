/** Calls to rules that hold one `rate-limit`, and what became of them. */
import { expect } from 'vitest';
import type { Effect, HeadEffect, RespondEffect } from '../../src/core/effect.ts';
import type { RequestFacts } from '../../src/core/facts.ts';
import { compileRules } from '../../src/core/rules/compile.ts';
import { type Decision, faultKinds, type Usage } from '../../src/core/rules/decision.ts';
import type { ArmedRules } from '../../src/core/rules/rule-set.ts';
import { atMs, requestFacts } from './request-facts.ts';

export interface LimitedCall {
  readonly key?: string;
  readonly model?: string;
  readonly input?: number;
  readonly maxTokens?: number;
  readonly path?: string;
}

/** A text of four characters is a token. */
export function facts({
  key = 'a',
  model = 'm',
  input = 1,
  maxTokens = 10,
  path = '/v1/messages',
}: LimitedCall): RequestFacts {
  const json = { model, max_tokens: maxTokens, messages: [{ role: 'user', content: 'word'.repeat(input) }] };
  return requestFacts({ client: key, json, path });
}

export function arm(
  params: object,
  env: { timeScale?: number; messages?: 'real' | 'simulated' } = {},
): ArmedRules {
  const rules = [{ name: 'limits', fault: { kind: 'rate-limit', ...params } }];
  return compileRules(rules, { seed: '1', messages: 'simulated', armedAt: 0, ...env });
}

const used = (usage: Partial<Usage>): Usage => ({
  inputTokens: 0,
  outputTokens: 0,
  cacheReadTokens: 0,
  cacheCreationTokens: 0,
  ...usage,
});

export function effectOf(decision: Decision): Effect {
  expect(decision.faults).toHaveLength(1);
  expect(decision.faults[0]!.effects).toHaveLength(1);
  return decision.faults[0]!.effects[0]!;
}

/** The 429 of a call that was not. */
export function refusal(decision: Decision): RespondEffect {
  const effect = effectOf(decision);
  expect(effect).toMatchObject({ do: 'respond', status: 429 });
  expect(faultKinds(decision)).toEqual(['rate-limit']);
  return effect as RespondEffect;
}

export function headersOf(effect: Effect): Record<string, string> {
  const list = effect.do === 'respond' ? effect.headers : (effect as HeadEffect).set!;
  return Object.fromEntries(list);
}

/** The headers of a call that was let in. */
export function passes(decision: Decision): Record<string, string> {
  const effect = effectOf(decision);
  expect(effect.do).toBe('head');
  expect(faultKinds(decision)).toEqual([]);
  return headersOf(effect);
}

export function end(
  rules: ArmedRules,
  decision: Decision,
  ms: number,
  usage?: Partial<Usage>,
  status = 200,
): void {
  const outcome = { status, complete: status < 400, injected: false };
  rules.settle(decision, usage ? { ...outcome, usage: used(usage) } : outcome, atMs(ms));
}
