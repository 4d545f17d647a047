/** Opens the proxy that the settings describe: CA, stand-in, listener; and says what others need to know of it. */
import { type ProxyOptions, startProxy } from '../app/proxy.ts';
import type { RuleStore } from '../app/rule-store.ts';
import { type CertificateAuthority, openAuthority } from '../ca/authority.ts';
import type { Settings } from '../config/settings.ts';
import type { Share } from '../core/share.ts';
import type { EventBus } from '../observe/bus.ts';
import { authorityOptions } from './certificate-authority.ts';
import type { Io } from './io.ts';
import type { Opened } from './mode.ts';
import type { Ready } from './ready.ts';
import { packageVersion } from './version.ts';

export interface OpenProxy extends Opened {
  readonly ca: CertificateAuthority;
}

/** What a process that is one of several has to know. */
export interface Sibling {
  readonly share: Share;
  /** See `AuthorityOptions`. */
  readonly ticketSecret: Uint8Array;
}

/**
 * @param sibling in a worker
 * @throws Problem of the CA or the listener; nothing is left open then
 */
export async function openProxy(
  settings: Settings,
  io: Io,
  rules: RuleStore,
  bus: EventBus,
  sibling?: Sibling,
): Promise<OpenProxy> {
  const ca = await openAuthority({
    ...authorityOptions(settings, io),
    ...(sibling && { ticketSecret: sibling.ticketSecret }),
  });
  const mock =
    settings.upstream.kind === 'mock' ? (await import('../mock/mock-api.ts')).createMockApi() : undefined;
  try {
    const proxy = await startProxy({
      ...proxyOptions(settings),
      upstream:
        settings.upstream.kind === 'mock' ? { kind: 'mock', dial: () => mock!.dial() } : settings.upstream,
      rules,
      ca,
      bus,
      ...(sibling && { share: sibling.share }),
    });
    return {
      ca,
      ready: readyOf(proxy, ca.certificatePath, rules.current.seed, settings),
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
    allowHosts: settings.allowHosts,
    allowRequestFaults: settings.allowRequestFaults,
  };
}

/** What other programs are told of it. */
export function readyOf(
  served: { readonly url: string; readonly host: string; readonly port: number },
  ca: string,
  seed: string,
  settings: Settings,
): Ready {
  return {
    v: 1,
    type: 'ready',
    at: Date.now(),
    url: served.url,
    host: served.host,
    port: served.port,
    ca,
    seed,
    targets: settings.targets,
    pid: process.pid,
    version: packageVersion,
  };
}
