/**
 * Merges the sources of settings (flag, environment, file, default, in this order), once and for all.
 * Whoever reads {@link Settings} needs no default and no check any more.
 */
import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import { parseDuration } from '../core/duration.ts';
import { TargetHosts } from '../core/net/target-host.ts';
import { Problem } from '../core/problem.ts';
import { scenarioRules } from '../core/scenarios/find-scenario.ts';
import { FLAG_OF_KEY } from './flags.ts';
import { flatRule } from './flat-rule.ts';
import { environmentLayer, flagLayer, type GivenFlags, type Layer } from './layer.ts';
import type { ConfigFile } from './load.ts';
import { proxyOfEnvironment } from './proxy-environment.ts';
import { type ConfigKey, jsonFlaw } from './schema.ts';
import type { FlatRule, Settings } from './settings.ts';
import { readTextFile } from './text-file.ts';

export interface Sources {
  readonly flags: GivenFlags;
  /** `process.env`. */
  readonly env: Readonly<NodeJS.ProcessEnv>;
  /** Working directory: relative paths of flags and environment start here. */
  readonly cwd: string;
  readonly file?: ConfigFile | undefined;
  /** `os.homedir()`; for tests. */
  readonly home?: string;
}

/**
 * Checks and merges.
 *
 * @throws Problem `bad-option`, `bad-config`, `file-not-found`: one sentence with the cure
 */
export function normalize(sources: Sources): Settings {
  const { env, cwd, file } = sources;
  const home = sources.home ?? homedir();
  const layers: Layer[] = [flagLayer(sources.flags, cwd), environmentLayer(env, cwd)];
  if (file) layers.push(file);
  const merged = new Merged(layers, home);

  const flat = readFlat(merged);
  const upstream = readUpstream(merged);
  const scenario = merged.get('scenario') as string | undefined;
  const settings: Settings = {
    host: merged.get('host') as string,
    proxyPort: merged.get('proxy_port') as number,
    port: merged.get('port') as number,
    workers: merged.get('workers') as number,
    targets: [merged.get('target_host') as string | string[]].flat(),
    upstream,
    ...readUpstreamProxy(merged, env),
    upstreamCa: readPem(merged, 'upstream_ca'),
    allowTunnels: merged.get('allow_tunnels') as boolean,
    allowHosts: [(merged.get('allow_host') as string | string[] | undefined) ?? []].flat(),
    rules: readRules(merged, flat, file?.rules, scenario),
    scenario,
    timeScale: merged.get('time_scale') as number,
    bounds:
      file?.rules === undefined && scenario === undefined
        ? { maxErrors: undefined, onlyPath: undefined }
        : { maxErrors: flat.maxErrors, onlyPath: flat.onlyPath },
    seed: merged.has('seed') ? String(merged.get('seed')) : undefined,
    messages: merged.get('messages') as 'simulated' | 'real',
    marker: merged.get('marker') as boolean,
    allowRequestFaults: merged.get('allow_request_faults') as boolean,
    stateDir: merged.path('state_dir'),
    caCert: merged.path('ca_cert'),
    caKey: merged.path('ca_key'),
    forMs: merged.has('for') ? parseDuration(merged.get('for') as string) : undefined,
    logFormat: merged.get('log_format') as 'pretty' | 'json',
    readyFile: merged.path('ready_file'),
    eventLog: merged.path('event_log'),
    replay: merged.path('replay'),
    watch: merged.get('watch') as boolean,
    quiet: merged.get('quiet') as boolean,
    verbose: merged.get('verbose') as boolean,
    flat,
    origin: merged.origin(),
    position: file?.position,
  };
  checkTogether(settings, merged);
  return settings;
}

/** Looks a key up in each layer in turn. */
class Merged {
  readonly #layers: readonly Layer[];
  readonly #home: string;

  constructor(layers: readonly Layer[], home: string) {
    this.#layers = layers;
    this.#home = home;
  }

  has(key: ConfigKey): boolean {
    return this.layerOf(key) !== undefined;
  }

  get(key: ConfigKey): unknown {
    return this.layerOf(key)?.values[key] ?? FLAG_OF_KEY.get(key)?.default;
  }

  layerOf(key: ConfigKey): Layer | undefined {
    return this.#layers.find(({ values }) => values[key] !== undefined);
  }

  /** What the user knows the setting as: where it was given, else its flag. */
  name(key: ConfigKey): string {
    return this.layerOf(key)?.name(key) ?? FLAG_OF_KEY.get(key)?.name ?? key;
  }

  path(key: ConfigKey): string | undefined {
    const layer = this.layerOf(key);
    return layer && this.absolute(layer, layer.values[key] as string);
  }

  absolute(layer: Layer, path: string): string {
    // A shell expands `~` only at the start of a word: not in a file, and not behind `--flag=`.
    if (/^~[/\\]/.test(path)) return join(this.#home, path.slice(2));
    return isAbsolute(path) ? path : resolve(layer.directory, path);
  }

  origin(): ReadonlyMap<ConfigKey, string> {
    const keys = this.#layers.flatMap(({ values }) => Object.keys(values) as ConfigKey[]);
    return new Map(keys.filter((key) => this.has(key)).map((key) => [key, this.name(key)]));
  }
}

function readFlat(merged: Merged): FlatRule {
  return {
    probability: merged.get('error_probability') as number,
    status: merged.get('status_code') as number,
    body: readBody(merged),
    headers: merged.get('headers'),
    retryAfter: merged.get('retry_after'),
    maxErrors: merged.get('max_errors') as number | undefined,
    onlyPath: merged.get('only_path') as string | undefined,
  };
}

/** Keys that make a rule of their own: given beside `rules`, that rule comes behind them. */
const FLAT_FAULT_KEYS = [
  'error_probability',
  'status_code',
  'error_body',
  'headers',
  'retry_after',
] as const satisfies readonly ConfigKey[];

/** In the order in which they are asked: what the user wrote wins over a scenario. */
function readRules(
  merged: Merged,
  flat: FlatRule,
  rules: readonly unknown[] | undefined,
  scenario: string | undefined,
): readonly unknown[] {
  if (rules === undefined && scenario === undefined) return [flatRule(flat)];
  // Beside rules, `max_errors` and `only_path` bound all of them together.
  const unbounded = { ...flat, maxErrors: undefined, onlyPath: undefined };
  return [
    ...(rules ?? []),
    ...(FLAT_FAULT_KEYS.some((key) => merged.has(key)) ? [flatRule(unbounded)] : []),
    ...(scenario === undefined ? [] : scenarioRules(scenario)),
  ];
}

function readBody(merged: Merged): string | undefined {
  const body = merged.get('error_body');
  if (body === undefined) return undefined;
  if (typeof body !== 'string') return JSON.stringify(body);
  if (!body.startsWith('@')) return body;
  const name = merged.name('error_body');
  const path = merged.absolute(merged.layerOf('error_body')!, body.slice(1));
  const text = readTextFile(path, `the file of ${name}`);
  const wrong = jsonFlaw(text);
  if (wrong) throw new Problem('bad-option', `${name}: ${path} ${wrong}`);
  return text;
}

function readUpstream(merged: Merged): Settings['upstream'] {
  const upstream = merged.get('upstream') as string | undefined;
  if (upstream === undefined) return { kind: 'target' };
  return upstream === 'mock' ? { kind: 'mock' } : { kind: 'url', url: new URL(upstream) };
}

function readUpstreamProxy(
  merged: Merged,
  env: Readonly<NodeJS.ProcessEnv>,
): Pick<Settings, 'upstreamProxy' | 'noProxy'> {
  const given = merged.get('upstream_proxy') as string | undefined;
  return {
    upstreamProxy: given === undefined ? proxyOfEnvironment(env) : new URL(given),
    noProxy: env.no_proxy || env.NO_PROXY || undefined,
  };
}

function readPem(merged: Merged, key: ConfigKey): string | undefined {
  const path = merged.path(key);
  if (path === undefined) return undefined;
  const text = readTextFile(path, `the file of ${merged.name(key)}`);
  if (!/-----BEGIN (?:TRUSTED )?CERTIFICATE-----/.test(text))
    throw new Problem(
      'bad-ca',
      `${merged.name(key)}: ${path} holds no PEM certificate (a text that starts with -----BEGIN CERTIFICATE-----)`,
    );
  return text;
}

/** What no single value can tell. */
function checkTogether(settings: Settings, merged: Merged): void {
  const { caCert, caKey, targets, upstream } = settings;
  if ((caCert === undefined) !== (caKey === undefined)) {
    const [given, missing] =
      caCert === undefined ? (['ca_key', 'ca_cert'] as const) : (['ca_cert', 'ca_key'] as const);
    throw new Problem(
      'bad-option',
      `${merged.name(given)} is given without ${FLAG_OF_KEY.get(missing)!.name}: give both, or neither to use a CA of its own`,
    );
  }
  if (settings.quiet && settings.verbose)
    throw new Problem(
      'bad-option',
      `${merged.name('quiet')} and ${merged.name('verbose')} ask for opposite things: give one of them`,
    );
  if (upstream.kind === 'target' && new TargetHosts(targets).defaultTarget() === undefined)
    throw new Problem(
      'bad-option',
      `${merged.name('target_host')} names only wildcards (${targets.join(', ')}), so calls to the base URL have nowhere to go: add a host without *, or, with --standalone, say where with --upstream`,
    );
}
