/** `--standalone`: the proxy. Also the flags that end at once, and plugin mode, which is not built yet. */
import { Problem } from '../../core/problem.ts';
import { PROGRAM } from '../command-table.ts';
import type { Io } from '../io.ts';
import type { CommandLine } from '../program.ts';
import { runProxy } from '../run-proxy.ts';
import { settingsOf } from '../settings-of.ts';

/** @returns the exit code, when the proxy has ended */
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
  if (line.flags.get('--standalone') !== true)
    throw new Problem(
      'not-built',
      `plugin mode, in which ${PROGRAM} runs without --standalone, is not built yet: run the proxy with ${PROGRAM} --standalone`,
    );
  return runProxy(settings, line.flags, io);
}
