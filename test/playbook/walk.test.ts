/**
 * Walks at random through all states of connections and calls: any step, at any time, with any fault, some of them in one
 * tick. Whatever happens, the laws hold at the end. A walk that broke one is shrunk to the few steps that matter; what it
 * found is a transcript in `found.test.ts`.
 */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { compileRules } from '../../src/core/rules/compile.ts';
import type { RuleSet } from '../../src/core/rules/decision.ts';
import { RulesProblem } from '../../src/core/rules/rule-problem.ts';
import { FAULTS } from '../support/told-once.ts';
import { leftOpen, overdue, untaken, untold } from './laws.ts';
import { Stage } from './stage.ts';
import { CLIENTS, STEPS, type Step, UPSTREAMS, Walk } from './steps.ts';
import { type WatchedRules, watchedRules } from './watched-rules.ts';

const WALKS = Number(process.env.AEP_WALKS ?? 600);
const SEED = Number(process.env.AEP_SEED ?? 20_261_201);

/** Before any call: TLS is no part of these walks. */
const ON_CONNECTIONS = [
  { kind: 'slow-accept', delay: '60s' },
  { kind: 'refuse-connect', status: 407 },
  { kind: 'connect-failure', how: 'reset', at: 'accept' },
  { kind: 'connect-failure', how: 'hang', at: 'accept' },
  { kind: 'connect-failure', how: 'close', at: 'accept' },
];
/** Waits that are longer than it takes for a client that is gone to be forgotten. */
const LONG = [
  { kind: 'latency', delay: '60s' },
  { kind: 'latency', delay: '60s', at: 'head' },
  { kind: 'bandwidth', down: '10B' },
  { kind: 'bandwidth', up: '10B' },
  { kind: 'disconnect', how: 'reset', at: { idle: '60s' } },
  { kind: 'stream-stall', after: { events: 1 }, for: '60s' },
];
const FAULT = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom<unknown>(...FAULTS) },
  { weight: 1, arbitrary: fc.constantFrom<unknown>(...LONG) },
);

/** The rules of a walk: none, one of calls, one of connections, both; some read the body. */
const PLAN = fc.record({
  faults: fc.oneof(
    { weight: 1, arbitrary: fc.constant([]) },
    { weight: 4, arbitrary: fc.array(FAULT, { minLength: 1, maxLength: 2 }) },
  ),
  onConnection: fc.oneof(
    { weight: 4, arbitrary: fc.constant(undefined) },
    { weight: 1, arbitrary: fc.constantFrom(...ON_CONNECTIONS) },
  ),
  readsBody: fc.boolean(),
});

interface Plan {
  readonly faults: readonly unknown[];
  readonly onConnection: unknown;
  readonly readsBody: boolean;
}

/** Of faults that cannot be together, the first; of those that cannot wait for the body, on calls whose body is not read. */
function rulesOf(plan: Plan): RuleSet {
  const { faults, onConnection, readsBody } = plan;
  const rules = [
    ...(onConnection === undefined ? [] : [{ name: 'connection', faults: [onConnection] }]),
    ...(faults.length === 0
      ? []
      : [{ name: 'call', faults, ...(readsBody ? { match: { model: '*' } } : {}) }]),
  ];
  try {
    return compileRules(rules, { seed: '1', messages: 'real' });
  } catch (error) {
    if (!(error instanceof RulesProblem)) throw error;
    if (faults.length < 2 && !readsBody) throw error;
    return rulesOf(
      faults.length < 2 ? { ...plan, readsBody: false } : { ...plan, faults: faults.slice(0, 1) },
    );
  }
}

/** A step, and whether all has come of it before the next. */
const STEP = fc.tuple(
  fc.oneof(
    ...Object.entries(STEPS).map(([step, weight]) => ({ weight, arbitrary: fc.constant(step as Step) })),
  ),
  fc.boolean(),
);

const WALK = fc.record({
  plan: PLAN,
  client: fc.constantFrom(...Object.keys(CLIENTS)),
  upstream: fc.constantFrom(...Object.keys(UPSTREAMS)),
  openToOthers: fc.oneof(
    { weight: 9, arbitrary: fc.constant(true) },
    { weight: 1, arbitrary: fc.constant(false) },
  ),
  steps: fc.array(STEP, { minLength: 4, maxLength: 40, size: 'max' }),
});

type Steps = typeof WALK extends fc.Arbitrary<infer W> ? W : never;

/** @returns what broke a law */
async function walk({ plan, client, upstream, openToOthers, steps }: Steps): Promise<string[]> {
  const armed: WatchedRules[] = [];
  const arm = (rules: RuleSet): RuleSet => {
    const watched = watchedRules(rules);
    armed.push(watched);
    return watched.rules;
  };
  const stage = new Stage({ rules: arm(rulesOf(plan)), openToOthers });
  const others = FAULTS[steps.length % FAULTS.length];
  const walking = new Walk(stage, CLIENTS[client]!, UPSTREAMS[upstream]!, () =>
    stage.engine.replaceRules(arm(rulesOf({ ...plan, faults: [others] }))),
  );
  await stage.connects();
  for (const [step, quiet] of steps) await walking.take(step, quiet);
  await stage.quiet();
  const wrong = untaken(stage);
  // Once all clients are gone, and no upstream keeps us waiting, nothing of them may be left.
  for (const { leg } of stage.clients) leg.resets();
  for (const { leg } of stage.upstreams) leg.reads();
  await stage.passes(15_000);
  wrong.push(...overdue(stage));
  await stage.over();
  const count = stage.events.length;
  wrong.push(...leftOpen(stage), ...untold(stage.events), ...armed.flatMap((rules) => rules.wrong()));
  await stage.passes(60_000);
  if (stage.events.length > count)
    wrong.push(`${stage.events[count]?.type} was told when the proxy had stopped`);
  return wrong;
}

it('the laws hold, whatever happens in whatever state', async () => {
  const uncaught: unknown[] = [];
  const hear = (error: unknown): void => void uncaught.push(error);
  process.on('uncaughtException', hear);
  process.on('unhandledRejection', hear);
  try {
    await fc.assert(
      fc.asyncProperty(WALK, async (steps) => {
        expect([...(await walk(steps)), ...uncaught.splice(0).map(String)]).toEqual([]);
      }),
      { numRuns: WALKS, seed: SEED },
    );
  } finally {
    process.off('uncaughtException', hear);
    process.off('unhandledRejection', hear);
  }
}, 120_000);
