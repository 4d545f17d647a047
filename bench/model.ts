/** The words of the benchmark: subjects are put to scenarios, in rounds, which give readings. */

/** What a subject is set up to do with a call. */
export type Task = 'inject' | 'pass' | 'tunnel';

/** How the load generator's requests reach a subject: CONNECT and TLS, absolute-form, or origin-form (base URL). */
export type Form = 'connect' | 'absolute' | 'origin';

/** Everything that a subject needs to know to start. */
export interface Setup {
  readonly task: Task;
  readonly form: Form;
  /** Of 127.0.0.1, for the subject to listen on. */
  readonly port: number;
}

/** What stands ready on this machine while a run lasts. */
export interface Lab {
  readonly upstream: { readonly tls: number; readonly plain: number };
  readonly certificates: Certificates;
  /** Body that subjects inject. */
  readonly body: string;
}

/** PEM files. One P-256 authority; a P-256 leaf for localhost and 127.0.0.1 under it. */
export interface Certificates {
  readonly caCert: string;
  readonly caKey: string;
  readonly leafCert: string;
  readonly leafKey: string;
}

/** How a subject is started. */
export interface Launch {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** JSON file that it writes when it is ready; removed before it starts. Without one, it is ready when it listens. */
  readonly readyFile?: string;
  /** PEM file that clients must trust; read once the subject listens. */
  ca(): string;
  /** What the load goes to in the subject's place, and which asks the subject: started behind it, never measured. */
  readonly front?: (port: number) => Pick<Launch, 'command' | 'args'>;
}

export interface Subject {
  readonly name: string;
  /** One line for the report: what it is and how it is set up. */
  readonly about: string;
  /** Installs or builds what it needs. Throws an {@link Unavailable} that says why it cannot run here. */
  prepare(lab: Lab): Promise<void>;
  /** How to start it. Throws an {@link Unavailable} where it cannot do that. */
  launch(lab: Lab, setup: Setup): Launch;
}

/** Why something was not measured. Always reported, never an end of the run. */
export class Unavailable extends Error {
  override readonly name = 'Unavailable';
}

/** Readings of one round, by metric (see `metrics.ts`). A metric that does not apply is absent. */
export type Reading = Readonly<Partial<Record<Metric, number>>>;

/** What is read. The table in `metrics.ts` holds each one's unit and words. */
export type Metric =
  | 'cpu'
  | 'instructions'
  | 'throughput'
  | 'p50'
  | 'p99'
  | 'firstByte'
  | 'delayP50'
  | 'delayP99'
  | 'rss'
  | 'rssPeak'
  | 'rssGrowth'
  | 'rssPerConnection'
  | 'idleCpu'
  | 'resumed'
  | 'listening'
  | 'answered'
  | 'extraModules'
  | 'loadCpu'
  | 'upstreamCpu'
  | 'errors';

/** What the load generator does in a scenario. */
export interface Load {
  readonly connections: number;
  /** A connection per request. */
  readonly fresh?: boolean;
  /** Offer TLS resumption on fresh connections. */
  readonly resume?: boolean;
  /** Never sleep while requests run: else the subject's write pays for waking the generator, the slower subject's more often. */
  readonly poll?: boolean;
  /** `x-bench` header: what the upstream answers. */
  readonly mode?: string;
  /** Bytes of the request body; a small JSON call when absent. */
  readonly upload?: number;
  /** Between the starts of the connections' first requests. */
  readonly staggerUs?: number;
}

/** What a scenario's CPU time is divided by. */
export type Unit = 'request' | 'event' | 'MiB';

export interface Scenario {
  readonly name: string;
  readonly about: string;
  readonly task: Task;
  readonly form: Form;
  readonly load: Load;
  /** `run`: requests for a time; `count`: so many per connection; `idle` and `start` have measures of their own. */
  readonly drive:
    | { readonly kind: 'run' }
    | { readonly kind: 'count'; readonly each: number; readonly quick: number }
    | { readonly kind: 'idle' }
    | { readonly kind: 'start' };
  readonly unit: Unit;
  readonly subjects: readonly string[];
}
