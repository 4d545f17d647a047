/**
 * The life of the proxy, or of the plugin: everything is checked before anything is opened; then CA, listener, log, ready; then the wait
 * for its end; then what runs may finish, and the summary is told.
 */
import type { GivenFlags } from '../config/layer.ts';
import type { Settings } from '../config/settings.ts';
import type { Problem } from '../core/problem.ts';
import { EventBus } from '../observe/bus.ts';
import { armRun } from './arm-run.ts';
import { watchCaDates } from './ca-dates.ts';
import { closing, STOP_LATE } from './close-in-time.ts';
import { EXIT } from './exit-codes.ts';
import type { Io } from './io.ts';
import type { Mode } from './mode.ts';
import { checkReadyFile, removeReadyFile, writeReadyFile } from './ready.ts';
import { checkWatch, reloadOnChange } from './reload-rules.ts';
import { openOutput } from './run-output.ts';
import { untilStopped } from './until-stopped.ts';

/** What is under way may take so long to finish when the proxy is stopped. */
const GRACE_MS = 10_000;
/** More than the workers have, which have more than a worker has for itself: each can still say what became of the next. */
const PATIENCE = { graceMs: 7_000, hurryMs: 3_000 };

/**
 * @param mode what is run
 * @returns the exit code
 * @throws Problem of the start, or of what broke down later; the summary is told in spite of it
 */
export async function runProxy(given: Settings, flags: GivenFlags, io: Io, mode: Mode): Promise<number> {
  checkWatch(flags, given, io.cwd);
  const { rules, settings, notice } = await armRun(given);
  if (settings.readyFile !== undefined) checkReadyFile(settings.readyFile, settings.eventLog);
  const output = openOutput(settings, io, mode.texts?.(settings, io));
  const bus = new EventBus();
  output.watch(bus);
  if (notice !== undefined) output.note('recording-cut', notice);
  // Nothing serves yet: there is nothing to tell of.
  let stopHurried = (signal: number): void => io.exit(128 + signal);
  const end = untilStopped(io, settings.forMs, (signal) => stopHurried(signal));
  try {
    const opened = await mode.open(settings, io, rules, bus, output.record);
    const { ready, close } = opened;
    const stop = closing(close, PATIENCE);
    let hurried: number | undefined;
    stopHurried = (signal) => {
      if (hurried !== undefined) {
        output.abandon();
        if (settings.readyFile !== undefined) removeReadyFile(settings.readyFile, ready);
        io.exit(128 + hurried);
        return;
      }
      hurried = signal;
      stop.hurry();
    };
    let problem: Problem | undefined;
    void opened.failed?.then((reason) => {
      problem = reason;
      end.end({ reason: 'failure', signal: 0 });
    });
    const unwatchCa = ready.ca === null ? undefined : watchCaDates(ready.ca, bus);
    let unwatch = (): void => {};
    let inTime = true;
    try {
      output.begin(ready, rules.armed);
      if (settings.readyFile !== undefined) await writeReadyFile(settings.readyFile, ready);
      if (settings.watch) unwatch = reloadOnChange({ flags, settings, rules, io, bus });
      output.stopping(await end.ended);
    } finally {
      unwatch();
      unwatchCa?.();
      inTime = await stop.inTime(GRACE_MS);
      if (settings.readyFile !== undefined) removeReadyFile(settings.readyFile, ready);
    }
    if (!inTime) bus.emit({ v: 1, type: 'notice', at: Date.now(), code: 'stop-late', message: STOP_LATE });
    const recorded = output.end(opened.counts?.(), opened.nothingCame?.(), opened.uncounted?.());
    if (problem !== undefined) throw problem;
    if (hurried !== undefined) return 128 + hurried;
    return recorded && inTime ? EXIT.ok : EXIT.failed;
  } finally {
    end.release();
    output.close();
  }
}
