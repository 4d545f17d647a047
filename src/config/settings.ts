/** All settings of a run, merged and checked, in the form that the program uses. */
import type { RuleBounds } from './bounded-rules.ts';
import type { ConfigKey } from './schema.ts';

export interface Settings {
  readonly host: string;
  readonly proxyPort: number;
  /** gRPC port of plugin mode. */
  readonly port: number;
  /** Processes that serve; 1: this one. */
  readonly workers: number;
  /** At least one. */
  readonly targets: readonly string[];

  readonly upstream:
    | { readonly kind: 'target' }
    | { readonly kind: 'url'; readonly url: URL }
    | { readonly kind: 'mock' };
  /** The way out of this network. */
  readonly upstreamProxy: URL | undefined;
  /** Value of NO_PROXY. */
  readonly noProxy: string | undefined;
  /** PEM text. */
  readonly upstreamCa: string | undefined;
  readonly allowTunnels: boolean;
  /** Names by which clients may call the base URL, beside those that are ours. */
  readonly allowHosts: readonly string[];

  /** As in a rules file; the flat keys are one rule named `default`. */
  readonly rules: readonly unknown[];
  /** Name of the scenario whose rules come last; undefined without one. */
  readonly scenario: string | undefined;
  /** Real milliseconds for each that the rules write. */
  readonly timeScale: number;
  /** Around all rules of a file or a scenario; the flat keys alone have theirs in their one rule. */
  readonly bounds: RuleBounds;
  /** Undefined: to be drawn. */
  readonly seed: string | undefined;
  readonly messages: 'simulated' | 'real';
  readonly marker: boolean;
  readonly allowRequestFaults: boolean;

  /** Absolute; undefined: the platform's place (`ca/state-dir.ts`). */
  readonly stateDir: string | undefined;
  /** Absolute; both or neither. */
  readonly caCert: string | undefined;
  readonly caKey: string | undefined;

  /** Milliseconds after which the run ends by itself. */
  readonly forMs: number | undefined;
  readonly logFormat: 'pretty' | 'json';
  readonly readyFile: string | undefined;
  readonly eventLog: string | undefined;
  /** Absolute; an event log whose decisions are repeated. */
  readonly replay: string | undefined;
  /** Changes of the config file are armed. */
  readonly watch: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;

  /** The flat keys, for texts that say what will happen. */
  readonly flat: FlatRule;
  /** Where each setting that is no default came from, as the user knows it. */
  readonly origin: ReadonlyMap<ConfigKey, string>;
  /** `aep.yaml:3:5` for a path in the config file; undefined without a file. */
  readonly position: ((path: readonly PropertyKey[]) => string) | undefined;
}

/** What the flat keys say: one status with one probability. */
export interface FlatRule {
  readonly probability: number;
  readonly status: number;
  /** Text that goes out byte for byte; undefined for the API's own body. */
  readonly body: string | undefined;
  /** As in a file. */
  readonly headers: unknown;
  readonly retryAfter: unknown;
  readonly maxErrors: number | undefined;
  readonly onlyPath: string | undefined;
}
