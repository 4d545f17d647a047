/** Opens the proxy that the settings describe: CA, stand-in, listener; and says what others need to know of it. */
import { type ProxyOptions, type RunningProxy, startProxy } from '../app/proxy.ts';
import { type CertificateAuthority, openAuthority } from '../ca/authority.ts';
import { boundRules } from '../config/bounded-rules.ts';
import type { Settings } from '../config/settings.ts';
import type { RuleSet } from '../core/rules/decision.ts';
import type { EventBus } from '../observe/bus.ts';
import { authorityOptions } from './certificate-authority.ts';
import type { Io } from './io.ts';
import type { Ready } from './ready.ts';
import { packageVersion } from './version.ts';

export interface OpenProxy {
  readonly ca: CertificateAuthority;
  readonly ready: Ready;
  /** Stops the proxy, then the stand-in. @param graceMs what is under way may take so long to finish */
  close(graceMs: number): Promise<void>;
}

/** @throws Problem of the CA or the listener; nothing is left open then */
export async function openProxy(
  settings: Settings,
  io: Io,
  rules: RuleSet,
  bus: EventBus,
): Promise<OpenProxy> {
  const ca = await openAuthority(authorityOptions(settings, io));
  const mock =
    settings.upstream.kind === 'mock' ? (await import('../mock/mock-api.ts')).createMockApi() : undefined;
  try {
    const proxy = await startProxy({
      ...proxyOptions(settings),
      upstream:
        settings.upstream.kind === 'mock' ? { kind: 'mock', dial: () => mock!.dial() } : settings.upstream,
      rules: boundRules(rules, settings.bounds),
      ca,
      bus,
    });
    return {
      ca,
      ready: readyOf(proxy, ca.certificatePath, rules.seed, settings),
      close: async (graceMs) => {
        await proxy.close(graceMs);
        await mock?.close();
      },
    };
  } catch (error) {
    await mock?.close();
    throw error;
  }
}

function proxyOptions(settings: Settings): Omit<ProxyOptions, 'rules' | 'ca' | 'upstream'> {
  const { upstreamProxy, noProxy, upstreamCa } = settings;
  return {
    host: settings.host,
    port: settings.proxyPort,
    targets: settings.targets,
    ...(upstreamProxy === undefined ? {} : { upstreamProxy }),
    ...(noProxy === undefined ? {} : { noProxy }),
    ...(upstreamCa === undefined ? {} : { upstreamCa }),
    marker: settings.marker,
    allowTunnels: settings.allowTunnels,
    allowRequestFaults: settings.allowRequestFaults,
  };
}

function readyOf(proxy: RunningProxy, ca: string, seed: string, settings: Settings): Ready {
  return {
    v: 1,
    type: 'ready',
    at: Date.now(),
    url: proxy.url,
    host: proxy.host,
    port: proxy.port,
    ca,
    seed,
    targets: settings.targets,
    pid: process.pid,
    version: packageVersion,
  };
}
