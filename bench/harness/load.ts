/** The load generator as the harness sees it: a process that answers commands with results. */
import type { Lab, Launch, Scenario } from '../model.ts';
import { LineProcess } from './lines.ts';
import type { Machinery } from './native.ts';

/** Nanoseconds. */
export interface Percentiles {
  readonly count: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** What one command gave; see `native/load.c`. Times in nanoseconds, moments on the monotonic clock. */
export interface LoadResult {
  readonly ns: number;
  readonly requests: number;
  readonly errors: number;
  readonly firstError: string;
  readonly opened: number;
  /** Connections on which the client offered a session, and those of them that were resumed. */
  readonly offered: number;
  readonly resumed: number;
  readonly open: number;
  readonly events: number;
  readonly bytesUp: number;
  readonly bytesDown: number;
  readonly listeningAt: number;
  readonly endedAt: number;
  readonly latency: Percentiles;
  readonly firstByte: Percentiles;
  readonly delay: Percentiles;
}

export type LoadCommand = `run ${number}` | `count ${number}` | `hold ${number}` | 'start';

/** Status that injected answers carry, and the only one that counts as an answer in their scenarios. */
export const INJECTED_STATUS = 529;

export class LoadGenerator {
  readonly #process: LineProcess;

  /** @param launch of the subject; undefined: straight to the upstream */
  constructor(machinery: Machinery, lab: Lab, scenario: Scenario, port: number, launch: Launch | undefined) {
    const { load } = scenario;
    const plain = scenario.form !== 'connect';
    const straight = plain ? 'plain' : 'tls';
    const upstreamPort = plain ? lab.upstream.plain : lab.upstream.tls;
    // In a tunnel, and without a proxy, it is the upstream's certificate that is seen.
    const ca = launch === undefined || scenario.task === 'tunnel' ? lab.certificates.caCert : launch.ca();
    const options = {
      form: launch === undefined ? straight : scenario.form,
      port: launch === undefined ? upstreamPort : port,
      target: `localhost:${upstreamPort}`,
      connections: load.connections,
      expect: scenario.task === 'inject' ? INJECTED_STATUS : 200,
      ca: plain ? undefined : ca,
      mode: load.mode,
      upload: load.upload,
      fresh: load.fresh ? 1 : undefined,
      resume: load.resume ? 1 : undefined,
      poll: load.poll ? 1 : undefined,
      'stagger-us': load.staggerUs,
    };
    const args = Object.entries(options).flatMap(([name, value]) =>
      value === undefined ? [] : [`--${name}`, `${value}`],
    );
    this.#process = new LineProcess([...machinery.load, ...args]);
  }

  get pid(): number {
    return this.#process.child.pid!;
  }

  ask(command: LoadCommand): Promise<LoadResult> {
    return this.#process.ask<LoadResult>(command);
  }

  end(): Promise<void> {
    return this.#process.end();
  }
}
