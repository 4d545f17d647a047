/** Reads an event log back: the seed and the decisions of the run that wrote it, for `--replay`. */
import { basename } from 'node:path';
import { RUN_ENDED } from '../core/events.ts';
import { Problem } from '../core/problem.ts';
import type { RecordedDecision } from '../core/rules/replay.ts';
import { readTextFile } from './text-file.ts';

export interface Recording {
  /** Undefined where the log does not hold it: it was written by a version before it did. */
  readonly seed: string | undefined;
  readonly decisions: readonly RecordedDecision[];
  /** What the user should know: that the recording breaks off. */
  readonly notice?: string;
}

interface Line {
  readonly v?: unknown;
  readonly type?: unknown;
  readonly code?: unknown;
  readonly seed?: unknown;
  readonly rule?: unknown;
  readonly nth?: unknown;
  readonly ordinal?: unknown;
  readonly faults?: unknown;
}

/**
 * Reads an event log. A last line that was cut off is left out. That it does not hold the end of its run is told.
 *
 * @throws Problem `file-not-found`, `no-permission`, or `bad-config` for a file that is no event log, or one that
 * a run with changed rules wrote
 */
export function readRecording(file: string): Recording {
  const lines = readTextFile(file, 'the file of --replay').split('\n');
  const last = lines.at(-1)!;
  // An editor may have left out the last line end.
  const whole = last !== '' && isWhole(last) ? lines : lines.slice(0, -1);
  const decisions: RecordedDecision[] = [];
  const seeds: string[] = [];
  let ended = false;
  whole.forEach((text, i) => {
    const line = lineOf(text, `${basename(file)}:${i + 1}:1`);
    ended = line.type === 'notice' && line.code === RUN_ENDED;
    if (line.type === 'rules.armed') seeds.push(String(line.seed));
    if (line.type === 'exchange.decided' || line.type === 'connection.decided')
      decisions.push({
        phase: line.type === 'exchange.decided' ? 'exchange' : 'connection',
        rule: typeof line.rule === 'string' ? line.rule : null,
        nth: Number(line.nth),
        ordinal: Number(line.ordinal),
        ...(Array.isArray(line.faults) ? { faults: line.faults.map(String) } : {}),
      });
  });
  if (whole.length === 0)
    throw new Problem(
      'bad-config',
      `${basename(file)}:1:1: this event log is empty: there is nothing to replay`,
    );
  if (seeds.length > 1)
    throw new Problem(
      'bad-config',
      `${basename(file)}: the rules were changed while this was recorded (--watch), and no one file repeats that: record without --watch`,
    );
  return {
    seed: seeds[0],
    decisions,
    ...(!ended && {
      notice: `the recording ${basename(file)} breaks off behind line ${whole.length}: its run was killed, or could not write it to the end, and calls that come later than those in it pass`,
    }),
  };
}

function isWhole(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function lineOf(text: string, at: string): Line {
  let line: unknown;
  try {
    line = JSON.parse(text);
  } catch {
    line = undefined;
  }
  if (typeof line === 'object' && line !== null && (line as Line).v === 1) return line as Line;
  throw new Problem(
    'bad-config',
    `${at}: this is no line of an event log: give --replay a file that --event-log wrote`,
  );
}
