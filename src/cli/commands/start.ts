/** `--standalone`: the proxy; without it, the plugin for fault. Also the flags that end at once. */
import type { Io } from '../io.ts';
import type { Mode } from '../mode.ts';
import { openProxy } from '../open-proxy.ts';
import type { CommandLine } from '../program.ts';
import { runProxy } from '../run-proxy.ts';
import { settingsOf } from '../settings-of.ts';

const standaloneMode: Mode = {
  open: (settings, io, rules, bus) => openProxy(settings, io, rules, bus),
};

/** @returns the exit code, when what was started has ended */
export async function start(line: CommandLine, io: Io): Promise<number> {
  const settings = await settingsOf(line.flags, io);
  const exportTo = line.flags.get('--export-ca');
  if (Array.isArray(exportTo)) {
    const { exportCa } = await import('./ca.ts');
    return exportCa(settings, exportTo.at(-1) as string, io);
  }
  if (line.flags.get('--install-ca') === true) {
    const { installCa } = await import('./ca.ts');
    return installCa(settings, io);
  }
  if (line.flags.get('--standalone') === true) {
    if (settings.workers === 1) return runProxy(settings, line.flags, io, standaloneMode);
    const { workersMode } = await import('../workers/workers-mode.ts');
    return runProxy(settings, line.flags, io, workersMode);
  }
  const { checkPluginSettings, pluginMode } = await import('../plugin-mode.ts');
  checkPluginSettings(settings, line.flags);
  return runProxy(settings, line.flags, io, pluginMode);
}
