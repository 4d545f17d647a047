/** A call that never was, to see at load what a fault would plan. */
import { readBody } from '../anthropic/request.ts';

import type { Effect } from '../effect.ts';
import type { Phase, RequestFacts } from '../facts.ts';
import type { PlanContext } from '../faults/fault.ts';
import type { CompiledFault } from './compile-fault.ts';

const FACTS: RequestFacts = {
  host: 'api.anthropic.com',
  port: 443,
  sni: 'api.anthropic.com',
  via: 'connect',
  peer: '127.0.0.1',
  method: 'POST',
  path: '/v1/messages',
  query: '',
  reused: false,
  header: () => undefined,
  headers: () => [],
  body: readBody(null, 'none'),
  client: 'none',
  attempt: 0,
  conversation: undefined,
};

const CONTEXT: PlanContext<Phase> = { facts: FACTS, draw: () => 0.5, nth: 1, now: 0, wall: 0 };

/** What the fault would do to an ordinary call; nothing where its plan needs more than the probe knows. */
export function probe(fault: CompiledFault): readonly Effect[] {
  try {
    return fault.plan?.(CONTEXT) ?? fault.remember?.().step(CONTEXT as PlanContext<'exchange'>).effects ?? [];
  } catch {
    return [];
  }
}
