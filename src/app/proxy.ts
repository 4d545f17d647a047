/** The composition root: puts engine, rules, CA and upstream together. The library never reads argv or exits. */
import { formatAuthority } from '../core/net/authority.ts';
import { isLoopback } from '../core/net/loopback.ts';
import { TargetHosts } from '../core/net/target-host.ts';
import { urlFlaw } from '../core/net/url-flaw.ts';
import { Problem } from '../core/problem.ts';
import type { RuleSet } from '../core/rules/decision.ts';
import { Engine } from '../engine/engine.ts';
import { PageGuard } from '../engine/front/page-guard.ts';
import { Self } from '../engine/front/self.ts';
import { listen } from '../engine/listener.ts';
import { systemClock } from '../engine/transport/system-clock.ts';
import type { Authority, Transport } from '../engine/transport/transport.ts';
import type { BoundUpstream } from '../engine/upstream/bound-upstream.ts';
import { Dialer } from '../engine/upstream/dial.ts';
import { Router } from '../engine/upstream/router.ts';
import { EventBus } from '../observe/bus.ts';
import { coveredBy } from './no-proxy.ts';
import { withDefaults } from './proxy-defaults.ts';
import type { ProxyOptions } from './proxy-options.ts';
import { requestFaults } from './request-faults.ts';
import { RuleStore } from './rule-store.ts';

export type { ProxyOptions } from './proxy-options.ts';

export interface RunningProxy {
  readonly host: string;
  readonly port: number;
  /** Base URL for clients: `http://127.0.0.1:8080`. Means nothing without a listener. */
  readonly url: string;
  readonly bus: EventBus;
  /** Where its rules are changed, unless it was given a set of them. */
  readonly rules?: RuleStore;
  /** Its `certificatePem` is what clients must trust that reach the proxy with CONNECT. */
  readonly ca: NonNullable<ProxyOptions['ca']>;
  /** New requests are decided by these rules. Rules of a store are changed there. */
  replaceRules(rules: RuleSet): void;
  /** Hosts to intercept. */
  readonly targets: TargetHosts;
  /** For faces that serve calls which come whole, and so are no connections. */
  readonly engine: Engine;
  /**
   * Takes over a tunnel to a target that brings its own upstream; its stream begins with the client's TLS hello.
   *
   * @returns the connection's number in events
   */
  acceptTunnel(transport: Transport, target: Authority, boundUpstream: BoundUpstream): number;
  /** Takes over a connection that did not come through the listener (a tunnel of the fault proxy, a test). */
  accept(transport: Transport): void;
  /** Stops accepting, waits up to `graceMs` (default 10 s) for what is under way, then ends it. */
  close(graceMs?: number): Promise<void>;
}

/** A proxy whose rules are in a store. */
export interface ProxyWithRules extends RunningProxy {
  readonly rules: RuleStore;
}

/**
 * Starts a proxy. Without options it listens on a free port of the loopback, has a CA and a stand-in of its own, and
 * passes every call: then everything that it is made of ends with `close()`.
 *
 * @throws (rejects) Problem `port-in-use`, `no-permission`, `bad-option`, and RulesProblem for flaws in rules
 * @example
 * ```ts
 * const proxy = await startProxy({ rules: [{ fault: 'overloaded', trigger: { first: 2 } }] });
 * process.env.ANTHROPIC_BASE_URL = proxy.url;
 * proxy.rules.arm({ name: 'outage', fault: 'connect-failure' }, { ttl: '30s' });
 * await proxy.close();
 * ```
 */
export async function startProxy(
  options?: ProxyOptions & { readonly rules?: readonly unknown[] | RuleStore },
): Promise<ProxyWithRules>;
export async function startProxy(options: ProxyOptions): Promise<RunningProxy>;
export async function startProxy(given: ProxyOptions = {}): Promise<RunningProxy> {
  checkUrl('upstream', given.upstream?.kind === 'url' ? given.upstream.url : undefined);
  checkUrl('upstreamProxy', given.upstreamProxy);
  const options = await withDefaults(given);
  const bus = options.bus ?? new EventBus();
  const self = new Self();
  const loopback = isLoopback(options.host);
  const dialer = new Dialer({
    ...(options.upstreamCa === undefined ? {} : { upstreamCa: options.upstreamCa }),
    refuse: (host, port) =>
      self.is({ host, port })
        ? `${formatAuthority({ host, port })} is this proxy itself; it does not call itself`
        : undefined,
  });
  const { upstreamProxy, share } = options;
  const store = options.rules instanceof RuleStore ? options.rules : undefined;
  const rules = store?.current ?? (options.rules as RuleSet);
  const router = new Router({
    upstream: options.upstream,
    dialer,
    ...(upstreamProxy
      ? {
          upstreamProxy,
          direct: (to) => self.is(proxyPlace(upstreamProxy)) || coveredBy(options.noProxy, to),
        }
      : {}),
  });
  const targets = new TargetHosts(options.targets);
  const engine: Engine = new Engine({
    targets,
    guard: new PageGuard({ self, targets, allowed: new TargetHosts(options.allowHosts ?? []) }),
    rules,
    ca: options.ca,
    router,
    self,
    sink: bus,
    clock: options.clock ?? store?.clock ?? systemClock,
    marker: options.marker ?? true,
    openToOthers: loopback || options.allowTunnels === true,
    ...(share === undefined ? {} : { share }),
    ...(options.allowRequestFaults
      ? {
          requestFault: requestFaults(
            rules.seed,
            // Once for each name, not once for all.
            (message) =>
              bus.emit({ v: 1, type: 'notice', at: Date.now(), code: 'unknown-request-fault', message }),
            share,
          ),
        }
      : {}),
  });
  const detach = store?.attach({
    replaceRules: (next) => engine.replaceRules(next),
    // That workers were given rules is told once, and not by them. It is told before any call.
    ...(share === undefined ? { sink: bus } : {}),
  });
  const listening =
    options.listen === false
      ? NOT_LISTENING
      : await listen(engine, options.host, options.port, share !== undefined).catch(
          async (error: unknown) => {
            detach?.();
            await options.release();
            throw error;
          },
        );
  self.listensOn(listening.port, listening.hosts);
  if (upstreamProxy && self.is(proxyPlace(upstreamProxy)))
    engine.notice(
      'upstream-proxy-is-self',
      `the upstream proxy ${upstreamProxy.host} is this proxy itself: it is ignored (unset HTTPS_PROXY, or give --upstream-proxy)`,
    );
  const name = options.host === '0.0.0.0' || options.host === '::' ? 'localhost' : options.host;
  return {
    host: options.host,
    port: listening.port,
    url: `http://${formatAuthority({ host: name, port: listening.port })}`,
    bus,
    ...(store && { rules: store }),
    ca: options.ca,
    replaceRules: (rules) => engine.replaceRules(rules),
    targets: engine.options.targets,
    engine,
    acceptTunnel: (transport, target, boundUpstream) => engine.acceptTunnel(transport, target, boundUpstream),
    accept: (transport) => engine.accept(transport),
    close: async (graceMs = 10_000) => {
      const closed = listening.close();
      await engine.stop(graceMs);
      detach?.();
      await options.release();
      await closed;
    },
  };
}

function checkUrl(option: string, url: URL | undefined): void {
  const flaw = url && urlFlaw(url);
  if (flaw !== undefined) throw new Problem('bad-option', `${option} ${flaw}`);
}

/** Stands in for a listener where there is none. */
const NOT_LISTENING = { port: 0, hosts: [], close: () => Promise.resolve() };

function proxyPlace(proxy: URL): { host: string; port: number } {
  return {
    host: proxy.hostname.replace(/^\[|\]$/g, ''),
    port: Number(proxy.port) || (proxy.protocol === 'https:' ? 443 : 80),
  };
}
