/**
 * The life of the proxy, or of the plugin: everything is checked before anything is opened; then CA, listener, log, ready; then the wait
 * for its end; then what runs may finish, and the summary is told.
 */
import type { GivenFlags } from '../config/layer.ts';
import type { Settings } from '../config/settings.ts';
import type { Problem } from '../core/problem.ts';
import { EventBus } from '../observe/bus.ts';
import { armRun } from './arm-run.ts';
import { EXIT } from './exit-codes.ts';
import type { Io } from './io.ts';
import type { Mode } from './mode.ts';
import { checkReadyFile, removeReadyFile, writeReadyFile } from './ready.ts';
import { checkWatch, reloadOnChange } from './reload-rules.ts';
import { openOutput } from './run-output.ts';
import { type Ending, untilStopped } from './until-stopped.ts';

/** What is under way may take so long to finish when the proxy is stopped. */
const GRACE_MS = 10_000;

/**
 * @param mode what is run
 * @returns the exit code
 * @throws Problem of the start, or of what broke down later; the summary is told in spite of it
 */
export async function runProxy(given: Settings, flags: GivenFlags, io: Io, mode: Mode): Promise<number> {
  checkWatch(flags, given, io.cwd);
  const { rules, settings } = await armRun(given);
  if (settings.readyFile !== undefined) checkReadyFile(settings.readyFile);
  const output = openOutput(settings, io, mode.texts?.(settings, io));
  const bus = new EventBus();
  output.watch(bus);
  let stopHurried = (_signal: number): void => {};
  const end = untilStopped(io, settings.forMs, (signal) => stopHurried(signal));
  try {
    const opened = await mode.open(settings, io, rules, bus, output.record);
    const { ready, bounded, replaceRules, close } = opened;
    let problem: Problem | undefined;
    const failed = opened.failed?.then((reason): Ending => {
      problem = reason;
      return { reason: 'failure', signal: 0 };
    });
    stopHurried = (signal) => {
      output.abandon();
      if (settings.readyFile !== undefined) removeReadyFile(settings.readyFile, ready);
      io.exit(128 + signal);
    };
    let unwatch = (): void => {};
    try {
      output.begin(ready, rules);
      if (settings.readyFile !== undefined) await writeReadyFile(settings.readyFile, ready);
      if (settings.watch)
        unwatch = reloadOnChange({ flags, settings, rules, bounded, io, bus, replace: replaceRules });
      const ending = await (failed === undefined ? end.ended : Promise.race([end.ended, failed]));
      output.stopping(ending);
    } finally {
      unwatch();
      await close(GRACE_MS);
      if (settings.readyFile !== undefined) removeReadyFile(settings.readyFile, ready);
    }
    const recorded = output.end(opened.counts?.());
    if (problem !== undefined) throw problem;
    return recorded ? EXIT.ok : EXIT.failed;
  } finally {
    end.release();
    output.close();
  }
}
