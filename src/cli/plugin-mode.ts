/** Without `--standalone`: the plugin for fault. Loaded when it is asked for, and with it gRPC. */
import { openAuthority } from '../ca/authority.ts';
import type { GivenFlags } from '../config/layer.ts';
import type { ConfigKey } from '../config/schema.ts';
import type { Settings } from '../config/settings.ts';
import { Problem } from '../core/problem.ts';
import { authorityOptions } from './certificate-authority.ts';
import { colorsFor } from './colors.ts';
import { faultArguments, faultCommand } from './fault-command.ts';
import type { Mode } from './mode.ts';
import { readyOf } from './open-proxy.ts';
import { pluginText } from './plugin-text.ts';
import type { Ready } from './ready.ts';
import { ruleSentences } from './run-sentences.ts';
import { quietStartText } from './start-text.ts';
import { packageVersion } from './version.ts';

/** Settings that say where calls go: in plugin mode it is fault that sends them. */
const FAULTS_BUSINESS = [
  ['upstream', 'fault sends calls to the hosts of its own --upstream'],
  ['upstream_proxy', 'fault opens the connections to the upstream'],
] as const satisfies readonly (readonly [ConfigKey, string])[];

/** Flags of the standalone proxy; in a file, which may serve both modes, they do no harm. */
const STANDALONE_ONLY = [
  ['--proxy-port', 'give --port for the port of gRPC'],
  ['--allow-tunnels', 'leave it out'],
  ['--allow-host', 'leave it out'],
] as const;

/**
 * Refuses what cannot act in plugin mode.
 *
 * @throws Problem `bad-option` with the cure
 */
export function checkPluginSettings(settings: Settings, flags: GivenFlags): void {
  for (const [key, why] of FAULTS_BUSINESS) {
    const name = settings.origin.get(key);
    if (name !== undefined)
      throw new Problem(
        'bad-option',
        `${name} has no meaning in plugin mode, where ${why}: leave it out, or add --standalone to run the proxy without fault`,
      );
  }
  if (settings.workers > 1)
    throw new Problem(
      'bad-option',
      `${settings.origin.get('workers')} has no meaning in plugin mode, where fault talks to one process: leave it out, or add --standalone to run the proxy without fault`,
    );
  for (const [flag, cure] of STANDALONE_ONLY)
    if (flags.get(flag) !== undefined)
      throw new Problem('bad-option', `${flag} belongs to the proxy: add --standalone to run it, or ${cure}`);
}

/** What may be amiss when no call came. */
function nothingCame(found: boolean, fault: readonly string[], targets: readonly string[]): string {
  const program = 'HTTPS_PROXY=http://127.0.0.1:3180';
  return found
    ? `fault found the plugin, and showed it no call. Does its --upstream name ${targets.join(', ')}, with the port, and does your program use fault (${program})?\n`
    : `fault did not find the plugin. Start fault with ${faultCommand(fault)} (the URL whole, with http://), and your program with ${program}.\n`;
}

export const pluginMode: Mode = {
  async open(settings, io, rules, bus) {
    const ca = await openAuthority(authorityOptions(settings, io));
    const { startPlugin } = await import('../grpc/plugin.ts');
    const { host, port, targets, marker, allowRequestFaults, upstreamCa } = settings;
    const plugin = await startPlugin({
      ...{ host, port, targets, marker, allowRequestFaults, ca, bus },
      ...(upstreamCa === undefined ? {} : { upstreamCa }),
      rules,
      version: packageVersion,
    });
    return {
      ready: {
        ...readyOf(plugin, ca.certificatePath, rules.current.seed, settings),
        fault: faultArguments(plugin.url, targets),
      },
      nothingCame: () => nothingCame(plugin.found, faultArguments(plugin.url, targets), targets),
      close: plugin.close,
    };
  },
  texts: (settings, io) => ({
    start: (ready: Ready, rules) =>
      settings.quiet
        ? quietStartText({ url: ready.url, seed: ready.seed ?? '' })
        : pluginText(settings, { ready, rules: ruleSentences(rules, settings) }, colorsFor(io)),
  }),
};
