/** Time from spawn to listening and to the first answer, as a client sees them. */
import type { BenchContext } from '../harness/bench-context.ts';
import { LoadGenerator } from '../harness/load.ts';
import { freePort, Server } from '../harness/server.ts';
import type { Launch, Reading, Scenario, Subject } from '../model.ts';
import { lazyModulesLoaded } from './lazy-modules.ts';

/** PEM files to trust, of subjects that have made their authority and warmed the file cache by a start before the measured ones. */
const authorities = new Map<string, string>();

async function firstStart(subject: Subject, launch: Launch, port: number): Promise<string> {
  const server = new Server(`start-first-${subject.name}`, launch);
  try {
    await server.ready(port);
    return launch.ca();
  } finally {
    await server.end();
  }
}

let extra: Reading | undefined;

/** Looked at once per run: it does not vary. */
async function extraModules(bench: BenchContext, scenario: Scenario, subject: Subject): Promise<Reading> {
  if (extra === undefined) {
    const found = await lazyModulesLoaded(bench, scenario, subject);
    if (found !== undefined && found.length > 0) console.error(`  loaded though unused: ${found.join(' ')}`);
    extra = found === undefined ? {} : { extraModules: found.length };
  }
  return extra;
}

/** One round: one start. */
export async function startRound(
  bench: BenchContext,
  scenario: Scenario,
  subject: Subject,
): Promise<Reading> {
  const { task, form } = scenario;
  const port = await freePort();
  const launch = subject.launch(bench.lab, { task, form, port });
  const ca = authorities.get(subject.name) ?? (await firstStart(subject, launch, port));
  authorities.set(subject.name, ca);
  const load = new LoadGenerator(bench.machinery, bench.lab, scenario, port, { ...launch, ca: () => ca });
  // It is up and waiting before the clock starts.
  await load.ask('hold 0.05');
  const spawnedAt = Number(process.hrtime.bigint());
  const server = new Server(`start-${subject.name}`, launch);
  try {
    const result = await load.ask('start');
    const listening = (result.listeningAt - spawnedAt) / 1e6;
    if (subject.name === 'bare-node') return { listening };
    if (result.requests !== 1) throw new Error(`first request: ${result.firstError}`);
    await load.end();
    await server.end();
    return {
      listening,
      answered: (result.endedAt - spawnedAt) / 1e6,
      ...(subject.name === 'product' ? await extraModules(bench, scenario, subject) : {}),
      errors: result.errors,
    };
  } finally {
    await load.end();
    await server.end();
  }
}
