/** Every scenario whole, with one SDK: what the event log tells is what was declared, and the SDK says what it met. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { scenarios } from '../../src/core/scenarios/all.ts';
import type { Scenario } from '../../src/core/scenarios/scenario.ts';
import type { ClientProcess } from '../behaviour/client-process.ts';
import { decisions } from './decisions.ts';
import { passes, wholeRun } from './whole-run.ts';

/** What the program must and may see of a scenario, as `OverloadedError 529`; nothing else. */
export interface SeenErrors {
  readonly must: readonly string[];
  readonly may?: readonly string[];
}

/** Bodies so large that Cloudflare gives up on them. */
const PADDED: Readonly<Record<string, number>> = { 'cloudflare-timeouts': 230_000 };
/** Told by the number of the call alone, without a window of time. */
const COUNTED = scenarios.filter(({ phases }) => phases.length === 1);

/**
 * @param start starts the client's program
 * @param seen by scenario; one that is not there may show anything
 * @param patienceMs longer than a good call takes
 */
export function describeWholeRuns(
  start: () => ClientProcess,
  seen: Readonly<Record<string, SeenErrors>>,
  patienceMs: number,
): void {
  let client: ClientProcess;
  beforeAll(async () => {
    client = start();
    await client.versions;
  });
  afterAll(() => client.stop());

  describe('whole, at a small time scale', () => {
    it.concurrent.each(scenarios.map((scenario) => [scenario.name, scenario] as const))(
      '%s',
      { timeout: 90_000 },
      async (name, scenario) => {
        const expected = seen[name];
        const must = expected?.must ?? [];
        const run = await wholeRun(client, scenario, { patienceMs, must, pad: PADDED[name] });
        expect(run.phases).toEqual(scenario.phases.map((phase) => phase.name));
        for (const phase of scenario.phases) {
          const { applied, injected } = run.counts.get(phase.name)!;
          if (passes(phase)) expect([applied, injected], phase.name).toEqual([0, 0]);
          else expect(applied, phase.name).toBeGreaterThan(0);
        }
        if (endsWell(scenario)) expect([run.last?.stop, run.last?.error]).toEqual(['end_turn', undefined]);
        expect([...run.errors]).toEqual(expect.arrayContaining([...must]));
        if (expected === undefined) return;
        expect([...expected.must, ...(expected.may ?? [])]).toEqual(expect.arrayContaining([...run.errors]));
      },
    );
  });

  describe('the same seed decides the same again', () => {
    it.each(COUNTED.map((scenario) => [scenario.name, scenario] as const))(
      '%s',
      { timeout: 60_000 },
      async (_name, scenario) => {
        const first = await decisions(client, scenario, patienceMs);
        expect(first).toHaveLength(60);
        expect(await decisions(client, scenario, patienceMs)).toEqual(first);
      },
    );
  });
}

function endsWell({ phases }: Scenario): boolean {
  return passes(phases.at(-1)!);
}
