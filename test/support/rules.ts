/** Rule sets for engine tests: the engine is tested against decisions, whatever made them. */
import type { Effect, RespondEffect } from '../../src/core/effect.ts';
import type { ConnectionFacts, RequestFacts } from '../../src/core/facts.ts';
import { type Decision, type Outcome, PASS, type RuleSet } from '../../src/core/rules/decision.ts';

export interface TestRules extends RuleSet {
  readonly asked: RequestFacts[];
  readonly settled: Outcome[];
}

/** Rules that do what `choose` says: undefined passes, an effect (or several) fires. */
export function testRules(
  choose: (facts: RequestFacts, nth: number) => Effect | readonly Effect[] | undefined,
  options: {
    body?: boolean;
    /** The fault wants the answer's usage. */
    usage?: boolean;
    /** Keep what was asked and settled; default true. */
    record?: boolean;
    connection?: (facts: ConnectionFacts) => Effect | readonly Effect[] | undefined;
  } = {},
): TestRules {
  const asked: RequestFacts[] = [];
  const settled: Outcome[] = [];
  let nth = 0;
  const decision = (effects: Effect | readonly Effect[] | undefined): Decision => {
    if (effects === undefined) return PASS;
    const list = Array.isArray(effects) ? (effects as readonly Effect[]) : [effects as Effect];
    return {
      rule: 'test',
      nth,
      ordinal: nth,
      faults: [{ kind: 'test-fault', effects: list, ...(options.usage ? { readsUsage: true } : {}) }],
      skipped: [],
      requestId: () => testRequestId(nth),
      writeRequestId: (out, at) => out.set(Buffer.from(testRequestId(nth)), at),
      why: () => 'the test says so',
    };
  };
  return {
    seed: 'test',
    needs: {
      body: options.body ?? false,
      connection: options.connection !== undefined,
      usage: options.usage ?? false,
    },
    asked,
    settled,
    decideConnection: (facts) => decision(options.connection?.(facts)),
    decide: (facts) => {
      nth += 1;
      if (options.record !== false) asked.push(facts);
      return decision(choose(facts, nth));
    },
    settle: (_decision, outcome) => {
      if (options.record !== false) settled.push(outcome);
    },
  };
}

/** An answer as the real API gives it when it is overloaded. */
export function overloaded(headers: RespondEffect['headers'] = []): RespondEffect {
  return {
    do: 'respond',
    status: 529,
    reason: 'Overloaded',
    headers: [
      ['content-type', 'application/json'],
      ['request-id', 'req_{{this-request-id-here}}'],
      ...headers,
    ],
    body: '{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"},"request_id":"req_{{this-request-id-here}}"}',
  };
}

function testRequestId(nth: number): string {
  return `req_011C${String(nth).padStart(20, '0')}`;
}
