import { expect, it } from 'vitest';
import { atMs, requestFacts } from '../../../test/support/request-facts.ts';
import { testLibrary } from '../../../test/support/test-faults.ts';
import { compileRules } from '../../core/rules/compile.ts';
import { DecidedEvent } from './decided-event.ts';

it('says after many other calls what it said at first', () => {
  const trigger = { any: [{ probability: 0.5 }, { burst: { enter: 0.3, leave: 0.3 } }], skip: 1 };
  const rules = compileRules([{ name: 'some', trigger, fault: 'overloaded' }], {
    seed: '1',
    messages: 'simulated',
    library: testLibrary,
    armedAt: 0,
  });
  const place = {
    target: { host: 'api.anthropic.com', port: 443 },
    via: 'connect',
    path: '/v1/messages',
    query: '',
    line: undefined,
    route: undefined,
    ruled: true,
    host: undefined,
  } as const;
  const told = Array.from({ length: 50 }, (_, i) => {
    const facts = { ...requestFacts({ json: { model: 'a', stream: true } }), attempt: i, client: `c${i}` };
    const decision = rules.decide(facts, atMs(i));
    const event = new DecidedEvent(i, i, 1, true, 'POST', decision, place, facts);
    const first = JSON.stringify(event);
    // The head that facts are read from is another call's by now.
    Object.assign(facts, requestFacts(), { client: 'other', attempt: 99 });
    return { event, first };
  });
  for (const { event, first } of told) expect(JSON.stringify(event)).toBe(first);
  expect(JSON.parse(told[7]!.first)).toMatchObject({ model: 'a', stream: true, attempt: 7, client: 'c7' });
  expect(new Set(told.map(({ event }) => event.why)).size).toBe(50);
});

it.each([
  ['a client that counts its tries', 'no rule', { 'x-stainless-retry-count': '2' }, {}, [2, 2]],
  [
    'a client that says 0 each time',
    'no rule',
    { 'x-stainless-retry-count': '0' },
    {},
    [undefined, undefined],
  ],
  ['a client that counts nothing', 'no rule', {}, {}, [undefined, undefined]],
  ['a client that counts nothing', 'a rule asks', {}, {}, [0, 1]],
  ['a client that says 0 each time', 'a rule asks', { 'x-stainless-retry-count': '0' }, {}, [0, 1]],
  ['a call without a body', 'a rule asks', {}, { method: 'GET', json: undefined }, [undefined, undefined]],
] as const)('%s, %s: a try is told only where it is known', (_client, asks, headers, call, expected) => {
  const rules = compileRules(
    [
      {
        name: 'r',
        ...(asks === 'no rule' ? {} : { when: { attempt: 9 } }),
        trigger: { nth: 99 },
        fault: 'overloaded',
      },
    ],
    { seed: '1', messages: 'simulated', armedAt: 0 },
  );
  const attempt = Number((headers as Record<string, string>)['x-stainless-retry-count'] ?? 0);
  const told = expected.map(() => {
    const facts = requestFacts({ json: { model: 'a' }, headers, attempt, ...call });
    const decision = rules.decide(facts, atMs(0));
    rules.settle(decision, { status: 529, complete: true, injected: false }, atMs(0));
    const place = {
      target: facts,
      via: 'connect',
      path: '/',
      query: '',
      line: undefined,
      route: undefined,
      ruled: true,
      host: undefined,
    } as const;
    const event = new DecidedEvent(0, 1, 1, true, 'POST', decision, place, facts);
    return (JSON.parse(JSON.stringify(event)) as { attempt?: number }).attempt;
  });
  expect(told).toEqual(expected);
});
