/**
 * The life of the proxy: everything is checked before anything is opened; then CA, listener, log, ready; then the wait
 * for its end; then what runs may finish, and the summary is told.
 */
import { randomInt } from 'node:crypto';
import { type ProxyOptions, type RunningProxy, startProxy } from '../app/proxy.ts';
import { openAuthority } from '../ca/authority.ts';
import { armRules } from '../config/arm-rules.ts';
import type { Settings } from '../config/settings.ts';
import { EventBus } from '../observe/bus.ts';
import { authorityOptions } from './certificate-authority.ts';
import { EXIT } from './exit-codes.ts';
import type { Io } from './io.ts';
import { checkReadyFile, type Ready, removeReadyFile, writeReadyFile } from './ready.ts';
import { openOutput } from './run-output.ts';
import { untilStopped } from './until-stopped.ts';
import { packageVersion } from './version.ts';

/** What is under way may take so long to finish when the proxy is stopped. */
const GRACE_MS = 10_000;

/** @returns the exit code */
export async function runProxy(settings: Settings, io: Io): Promise<number> {
  const seed = settings.seed ?? String(randomInt(1_000_000_000));
  const rules = armRules(settings, seed);
  if (settings.readyFile !== undefined) checkReadyFile(settings.readyFile);
  const output = openOutput(settings, io);
  const bus = new EventBus();
  output.watch(bus);

  const ca = await openAuthority(authorityOptions(settings, io));
  const mock =
    settings.upstream.kind === 'mock' ? (await import('../mock/mock-api.ts')).createMockApi() : undefined;
  let stopHurried = (_signal: number): void => {};
  const end = untilStopped(io, settings.forMs, (signal) => stopHurried(signal));
  try {
    const proxy = await startProxy({
      ...proxyOptions(settings),
      upstream:
        settings.upstream.kind === 'mock' ? { kind: 'mock', dial: () => mock!.dial() } : settings.upstream,
      rules,
      ca,
      bus,
    });
    const ready = readyOf(proxy, ca.certificatePath, seed, settings);
    stopHurried = (signal) => {
      output.abandon();
      if (settings.readyFile !== undefined) removeReadyFile(settings.readyFile, ready);
      io.exit(128 + signal);
    };
    try {
      output.begin(ready, rules);
      if (settings.readyFile !== undefined) writeReadyFile(settings.readyFile, ready);
      const ending = await end.ended;
      output.stopping(ending);
    } finally {
      await proxy.close(GRACE_MS);
      if (settings.readyFile !== undefined) removeReadyFile(settings.readyFile, ready);
    }
    output.end();
    return EXIT.ok;
  } finally {
    end.release();
    await mock?.close();
    output.close();
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
