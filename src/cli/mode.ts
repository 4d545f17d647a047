/** What `run-proxy.ts` runs until it is stopped: the proxy by itself (`open-proxy.ts`), or the plugin (`plugin-mode.ts`). */
import type { RuleStore } from '../app/rule-store.ts';
import type { Settings } from '../config/settings.ts';
import type { Problem } from '../core/problem.ts';
import type { EventBus } from '../observe/bus.ts';
import type { Summary } from '../observe/summary.ts';
import type { Io } from './io.ts';
import type { Ready } from './ready.ts';
import type { OutputTexts } from './run-output.ts';

/** Something that serves. */
export interface Opened {
  readonly ready: Ready;
  /** Resolves if it breaks down; then the run ends, and with an error. */
  readonly failed?: Promise<Problem>;
  /** The counts, where they are kept elsewhere and events do not tell them. */
  counts?(): Summary;
  /** The calls that the counts may lack, where there are such: `calls of worker process 17 …`. */
  uncounted?(): string | undefined;
  /** For the end of a run without calls, by what is known then; one line or more. */
  nothingCame?(): string;
  /** Stops it. @param graceMs what is under way may take so long to finish */
  close(graceMs: number): Promise<void>;
}

export interface Mode {
  /**
   * @param record takes lines of an event log that are not for the bus
   * @throws Problem of the CA or the listener; nothing is left open then
   */
  open(
    settings: Settings,
    io: Io,
    rules: RuleStore,
    bus: EventBus,
    record: (lines: string) => void,
  ): Promise<Opened>;
  /** What is said instead of the proxy's own texts. */
  texts?(settings: Settings, io: Io): OutputTexts;
}
