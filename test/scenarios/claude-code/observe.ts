/** One row: `claude -p`, in folders of its own, through a scenario. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findScenario } from '../../../src/core/scenarios/find-scenario.ts';
import { phaseOfRule, rulesOfScenario } from '../../../src/core/scenarios/scenario-rules.ts';
import { environment } from '../../behaviour/claude-code/observe-claude.ts';
import { startLab } from '../../clients/support/lab.ts';
import { runProgram } from '../../clients/support/run-program.ts';
import type { Row } from './rows.ts';

export interface Observation {
  /** Each message that it asked for: the phase that decided, and the status that was sent (0: none). */
  readonly attempts: readonly { readonly phase: string; readonly status: number }[];
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** @param claude path of the program @throws when it still runs after the limit of {@link runProgram} */
export async function observeScenario(claude: string, row: Row): Promise<Observation> {
  const folder = await mkdtemp(join(tmpdir(), 'aep-claude-'));
  const scenario = findScenario(row.scenario);
  const lab = await startLab(rulesOfScenario(scenario), { timeScale: row.timeScale });
  const attempts = new Map<number, { phase: string; status: number }>();
  lab.proxy.bus.subscribe((event) => {
    if (event.type === 'exchange.decided' && event.path === '/v1/messages')
      attempts.set(event.exchange, {
        phase: phaseOfRule(event.rule ?? '', scenario) ?? 'none',
        status: 0,
      });
    if (event.type === 'exchange.ended') {
      const attempt = attempts.get(event.exchange);
      if (attempt) attempt.status = event.status;
    }
  });
  try {
    const ended = await runProgram(claude, ['-p', 'Say hello.', '--model', 'claude-opus-5-5'], {
      ...(await environment(folder, row)),
      ANTHROPIC_BASE_URL: lab.proxy.url,
    });
    return { ...ended, attempts: [...attempts.values()] };
  } finally {
    await lab.close();
    await rm(folder, { recursive: true, force: true });
  }
}
