/** A proxy before the stand-in API, and the two ways for a real client to reach it: what every test in this folder starts with. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RunningProxy, startProxy } from '../../../src/app/proxy.ts';
import { childEnvironment } from '../../../src/app/run/child-environment.ts';
import { preloadPath } from '../../../src/app/run/node-options.ts';
import { openAuthority } from '../../../src/ca/authority.ts';
import { writeBundles } from '../../../src/ca/bundle.ts';
import { compileRules } from '../../../src/core/rules/compile.ts';
import type { RuleSet } from '../../../src/core/rules/decision.ts';
import { createMockApi } from '../../../src/mock/mock-api.ts';
import { bareEnvironment } from './bare-environment.ts';

/**
 * How the client is pointed at the proxy: another base URL; HTTPS_PROXY and trust in our CA, as a user sets them by hand;
 * or the environment that `run` makes.
 */
export type Route = 'base URL' | 'CONNECT' | 'run';

export const TARGET = 'api.anthropic.com';
const DUMMY_KEY = 'sk-ant-dummy';

/** One request as the proxy saw it. */
export interface SeenRequest {
  readonly via: string;
  readonly path: string;
  /** `x-stainless-retry-count`; undefined where the client sends none. */
  readonly retryCount: string | undefined;
  /** When it was decided, in milliseconds. */
  readonly at: number;
}

/** What was seen of a client, whatever way it went. */
export interface Seen {
  /** Requests in the order they came. */
  readonly requests: readonly SeenRequest[];
  /** Status and maker of each answer, e.g. `529 injected`, in the order they ended. */
  readonly outcomes: readonly string[];
}

export interface Lab extends Seen {
  readonly proxy: RunningProxy;
  readonly caPath: string;
  /** Environment of a client that goes this way, with a dummy key. */
  env(route: Route): NodeJS.ProcessEnv;
  close(): Promise<void>;
}

/** @param rules as in a rules file; none lets every call pass */
export async function startLab(
  rules: readonly unknown[] = [],
  env: Partial<Parameters<typeof compileRules>[1]> = {},
): Promise<Lab> {
  const stateDir = await mkdtemp(join(tmpdir(), 'aep-clients-'));
  const ca = await openAuthority({ stateDir, targets: [TARGET] });
  const mock = createMockApi();
  const requests: SeenRequest[] = [];
  const outcomes: string[] = [];
  const proxy = await startProxy({
    host: '127.0.0.1',
    port: 0,
    targets: [TARGET],
    ca,
    rules: watched(compileRules(rules, { seed: 'clients', messages: 'real', ...env }), requests),
    upstream: { kind: 'mock', dial: () => mock.dial() },
  });
  proxy.bus.subscribe((event) => {
    if (event.type === 'exchange.ended') outcomes.push(`${event.status} ${event.source}`);
  });
  const { certificatePath: caPath } = ca;
  const bundles = await writeBundles({
    ...{ directory: join(stateDir, 'roots'), certificatePem: ca.certificatePem, env: {} },
    systemPem: '',
  });
  return {
    proxy,
    caPath,
    requests,
    outcomes,
    env: (route) => {
      const env = { ...bareEnvironment(), ANTHROPIC_API_KEY: DUMMY_KEY };
      if (route === 'base URL') return { ...env, ANTHROPIC_BASE_URL: proxy.url };
      if (route === 'CONNECT') return proxyEnvironment(proxy.url, caPath);
      const made = { proxyUrl: proxy.url, bundles, preload: preloadPath(), targets: [TARGET], standIn: true };
      return { ...env, ...childEnvironment({ ...made, via: 'proxy', env, platform: process.platform }) };
    },
    close: async () => {
      await proxy.close(0);
      await mock.close();
      await rm(stateDir, { recursive: true });
    },
  };
}

/** What a user sets by hand to lead a client through a proxy and have it trust our CA; with a dummy key. */
export function proxyEnvironment(proxyUrl: string, caPath: string): NodeJS.ProcessEnv {
  return {
    ...bareEnvironment(),
    ANTHROPIC_API_KEY: DUMMY_KEY,
    HTTPS_PROXY: proxyUrl,
    NODE_EXTRA_CA_CERTS: caPath,
    CURL_CA_BUNDLE: caPath,
    SSL_CERT_FILE: caPath,
  };
}

/** The rules as they are, with a note of what they were asked about. */
export function watched(rules: RuleSet, requests: SeenRequest[]): RuleSet {
  return {
    seed: rules.seed,
    needs: rules.needs,
    decideConnection: (facts, at) => rules.decideConnection(facts, at),
    decide: (facts, at) => {
      const { via, path } = facts;
      const retryCount = facts.header('x-stainless-retry-count');
      requests.push({ via, path, retryCount, at: performance.now() });
      return rules.decide(facts, at);
    },
    settle: (decision, outcome, at) => rules.settle(decision, outcome, at),
  };
}
