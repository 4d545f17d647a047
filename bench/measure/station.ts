/** A subject at work for a scenario, with the load generator that is connected to it. */
import type { BenchContext } from '../harness/bench-context.ts';
import { LoadGenerator } from '../harness/load.ts';
import { freePort, Server } from '../harness/server.ts';
import type { Launch, Scenario, Subject } from '../model.ts';
import { isOurs, profiled } from '../report/profile.ts';

export interface Station {
  readonly subject: Subject;
  /** Absent for `direct`, which has no process. */
  readonly server: Server | undefined;
  readonly launch: Launch | undefined;
  /** Where the load goes. */
  readonly port: number;
  end(): Promise<void>;
}

/**
 * Starts a subject and waits until it listens. Rejects with an Error that says why it does not.
 *
 * @param under starts it in another way, under a tool
 */
export async function startStation(
  bench: BenchContext,
  scenario: Scenario,
  subject: Subject,
  under: (launch: Launch, name: string) => Launch = (launch) => launch,
): Promise<Station> {
  if (subject.name === 'direct')
    return { subject, server: undefined, launch: undefined, port: 0, end: async () => {} };
  const { task, form } = scenario;
  const port = await freePort();
  const plain = subject.launch(bench.lab, { task, form, port });
  const profile = bench.profile && isOurs(subject.name);
  const name = `${scenario.name}-${subject.name}`;
  const launch = under(profile ? profiled(plain, scenario.name, subject.name) : plain, name);
  const server = await started(new Server(name, launch), port);
  if (!launch.front) return { subject, server, launch, port, end: () => server.end() };
  const frontPort = await freePort();
  try {
    const asks: Launch = { ...launch.front(frontPort), ca: launch.ca };
    const front = await started(new Server(`${name}-front`, asks), frontPort);
    const end = async (): Promise<void> => void (await Promise.all([front.end(), server.end()]));
    return { subject, server, launch, port: frontPort, end };
  } catch (error) {
    await server.end();
    throw error;
  }
}

async function started(server: Server, port: number): Promise<Server> {
  try {
    await server.ready(port);
    return server;
  } catch (error) {
    await server.end();
    throw error;
  }
}

/** The load generator that a scenario wants, connected to a station. `scenario` may differ from the station's own in its load. */
export function loadFor(bench: BenchContext, scenario: Scenario, station: Station): LoadGenerator {
  return new LoadGenerator(bench.machinery, bench.lab, scenario, station.port, station.launch);
}
