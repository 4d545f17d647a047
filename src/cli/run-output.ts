/** All that a run shows and records, from the first line to the summary; the proxy itself knows nothing of it. */
import type { Settings } from '../config/settings.ts';
import { type ProxyEvent, RUN_ENDED } from '../core/events.ts';
import type { Problem } from '../core/problem.ts';
import type { ArmedRules } from '../core/rules/rule-set.ts';
import type { EventBus } from '../observe/bus.ts';
import { ConsoleLog } from '../observe/console-log.ts';
import { encodeEvent } from '../observe/encode-event.ts';
import { HTTP2_ONLY, tellsHttp2Only } from '../observe/http2-only.ts';
import { checkEventLogFile, EventLog } from '../observe/recorder.ts';
import { type Summary, SummaryFold } from '../observe/summary.ts';
import { summaryText } from '../observe/summary-text.ts';
import { watch } from '../observe/watch.ts';
import { colorsFor } from './colors.ts';
import type { Io } from './io.ts';
import type { Ready } from './ready.ts';
import { ruleSentences } from './run-sentences.ts';
import { quietStartText, type Started, startText } from './start-text.ts';
import type { Ending } from './until-stopped.ts';

export interface RunOutput {
  watch(bus: EventBus): void;
  /** Says something that is no event of the run. */
  note(code: string, message: string): void;
  /** Records events that are lines of an event log already; nothing where there is none. */
  record(lines: string): void;
  /** The proxy is ready. Opens the event log: a start that fails leaves an older one as it was. */
  begin(ready: Ready, rules: ArmedRules): void;
  /** The end has begun; what runs may take a while. */
  stopping(ending: Ending): void;
  /** The summary. @param counts instead of what events told @param nothing for a run without calls @param uncounted calls that the counts may lack @returns false if the event log could not be written to its end */
  end(counts?: Summary, nothing?: string, uncounted?: string): boolean;
  /** Writes what is held, for an end in a hurry. */
  abandon(): void;
  /** Gives back files; may be called more than once. */
  close(): void;
}

/** What is said instead, where it is not the proxy by itself that runs. */
export interface OutputTexts {
  start(ready: Ready, rules: ArmedRules): string;
  /** For the end of a run without calls; one line or more. */
  nothingCame?(): string;
}

const WHY: Readonly<Record<Ending['reason'], string>> = {
  signal: 'Stopping',
  time: 'The time is over',
  failure: 'Stopping, since a process ended',
};

/** An end that takes no longer needs no explanation. */
const PATIENCE_MS = 300;

/** @throws Problem `file-exists` and such, for an event log that cannot be written */
export function openOutput(settings: Settings, io: Io, texts?: OutputTexts): RunOutput {
  const { quiet, verbose, logFormat: format, eventLog } = settings;
  const colors = colorsFor(io);
  const json = format === 'json';
  const log = new ConsoleLog({ format, quiet, verbose, colors, out: io.stdout, warnings: io.stderr });
  const summary = new SummaryFold();
  if (eventLog !== undefined) checkEventLogFile(eventLog);
  let recorded = true;
  const onFailure = ({ message }: Problem): void => {
    recorded = false;
    log.notice('event-log', message, Date.now());
  };
  const recorder = eventLog === undefined ? undefined : new EventLog(eventLog, { onFailure });
  let begun = 0;
  let http2Only = false;
  let patience: NodeJS.Timeout | undefined;
  return {
    watch(bus) {
      if (recorder) bus.subscribe(recorder.record);
      // Without a line per call nothing but outcomes is needed.
      const interest = { everyStep: !quiet };
      watch(
        bus,
        [
          (event, done) => log.observe(event, done),
          (event, done) => summary.observe(event, done),
          (event) => {
            http2Only ||= tellsHttp2Only(event);
          },
        ],
        interest,
      );
    },
    note(code, message) {
      log.notice(code, message, Date.now());
    },
    record(lines) {
      recorder?.append(lines);
    },
    begin(ready, rules) {
      begun = performance.now();
      recorder?.open();
      log.flush();
      if (json) io.stdout.write(`${JSON.stringify(ready)}\n`);
      else if (texts) io.stdout.write(texts.start(ready, rules));
      else io.stdout.write(quiet ? quietStartText(seeded(ready)) : textOf(settings, ready, rules, io));
    },
    stopping({ reason }) {
      if (json || quiet) return;
      log.flush();
      const why = WHY[reason];
      io.stdout.write('\n');
      patience = setTimeout(() => {
        const text = `${why}: calls that run may finish (10 s); Ctrl-C ends them at once.`;
        io.stdout.write(`${colors.dim(text)}\n`);
      }, PATIENCE_MS);
    },
    end(
      counts = summary.current(),
      nothing = texts?.nothingCame?.() ?? (http2Only ? `${HTTP2_ONLY}\n` : nothingCame(settings)),
      uncounted,
    ) {
      clearTimeout(patience);
      recorder?.append(encodeEvent(endOf(counts, uncounted)));
      recorder?.close();
      log.flush();
      const ms = Math.round(performance.now() - begun);
      io.stdout.write(
        json
          ? `${JSON.stringify({ v: 1, type: 'summary', at: Date.now(), ms, ...counts, ...(uncounted === undefined ? {} : { uncounted }) })}\n`
          : `${summaryText(counts, ms, colors)}\n${uncounted === undefined ? '' : `Not counted: ${uncounted}.\n`}${counts.seen === 0 && uncounted === undefined ? nothing : ''}`,
      );
      return recorded;
    },
    abandon() {
      recorder?.close();
      log.flush();
    },
    close() {
      clearTimeout(patience);
      recorder?.close();
    },
  };
}

/** For the event log alone: what lacks it was cut off. */
function endOf({ seen }: Summary, uncounted: string | undefined): ProxyEvent {
  const message = `${seen} calls${uncounted === undefined ? '' : `; not counted: ${uncounted}`}`;
  return { v: 1, type: 'notice', at: Date.now(), code: RUN_ENDED, message };
}

function textOf(settings: Settings, ready: Ready, rules: ArmedRules, io: Io): string {
  return startText(
    settings,
    {
      ...seeded(ready),
      caPath: ready.ca ?? '',
      seedDrawn: settings.seed === undefined,
      rules: ruleSentences(rules, settings),
      version: ready.version,
      platform: io.platform,
    },
    colorsFor(io),
  );
}

function seeded(ready: Ready): Pick<Started, 'url' | 'seed' | 'workers'> {
  return { url: ready.url, seed: ready.seed ?? '', workers: ready.workers?.length ?? 1 };
}

function nothingCame({ targets }: Settings): string {
  return `Is your program told to use the proxy? Set ANTHROPIC_BASE_URL, or HTTPS_PROXY for calls to ${targets.join(', ')}.\n`;
}
