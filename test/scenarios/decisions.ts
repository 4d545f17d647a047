/** What the rules of a scenario decide on calls of a real client, one after the other. */
import type { Scenario } from '../../src/core/scenarios/scenario.ts';
import { rulesOfScenario } from '../../src/core/scenarios/scenario-rules.ts';
import type { ClientProcess } from '../behaviour/client-process.ts';
import { startLab } from '../clients/support/lab.ts';

const CALLS = 60;

/**
 * Rule, number of the match and faults of each of sixty calls.
 *
 * @param patienceMs a call that hangs is given up; it is decided already
 */
export async function decisions(
  client: ClientProcess,
  scenario: Scenario,
  patienceMs: number,
): Promise<readonly string[]> {
  const lab = await startLab(rulesOfScenario(scenario), { seed: 'seven', timeScale: 0.001 });
  const seen: string[] = [];
  lab.proxy.bus.subscribe((event) => {
    if (event.type !== 'exchange.decided') return;
    // Whether true buckets refuse a call depends on the time.
    const faults = event.faults.filter((kind) => kind !== 'rate-limit');
    seen.push(`${event.rule} ${event.nth} ${faults.join('+')}`);
  });
  try {
    for (let call = 0; call < CALLS; call++) {
      const way = call % 2 === 0 ? 'whole' : 'raw';
      await client.call({ way, url: lab.proxy.url, retries: 0, keep: true }, patienceMs);
    }
    return seen;
  } finally {
    await lab.close();
  }
}
