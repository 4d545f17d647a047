/** What is done to Claude Code: the rows of `docs/claude-code.md`. */
import { streamStimuli } from '../stimuli/streams.ts';
import type { Stimulus } from '../stimulus.ts';

export interface Row {
  /** The row's name in the document; unique. */
  readonly title: string;
  /** What a stream meets, in this order; undefined for the row that shows Claude Code undisturbed. */
  readonly faults?: readonly Fault[];
  /** How many streams meet it, from the first; every one by default. */
  readonly times?: number;
  /** `CLAUDE_CODE_MAX_RETRIES`; undefined leaves Claude Code its own default. */
  readonly maxRetries?: number;
}

type Fault = NonNullable<Stimulus['fault']>;

/** Rows of the tables of streams that are met here too, by their titles there. */
const BROKEN_STREAMS = [
  'error after message_start',
  'error mid-text',
  'clean end mid-text',
  'no message_stop',
  'reset before the first event',
  'reset mid-text',
  'broken JSON in data',
];
/** A reset takes along what was not read yet; whether text was shown by then decides what Claude Code does. */
const READ_BEFORE_RESET = { kind: 'stream-stall', after: { text: 60 }, for: '500ms' };
const OVERLOADED = { kind: 'http-error', status: 529 };

export const rows: readonly Row[] = [
  { title: 'nothing' },
  { title: '529, twice', faults: [OVERLOADED], times: 2 },
  { title: '529, every stream', faults: [OVERLOADED], maxRetries: 1 },
  ...BROKEN_STREAMS.flatMap(twice),
];

function twice(title: string): readonly Row[] {
  const known = streamStimuli.find((stimulus) => stimulus.title === title);
  if (known?.fault === undefined) throw new Error(`no broken stream is called ${title}`);
  const { fault } = known;
  const faults = title === 'reset mid-text' ? [READ_BEFORE_RESET, fault] : [fault];
  return [
    { title: `${title}, once`, faults, times: 1 },
    { title: `${title}, every stream`, faults, maxRetries: 1 },
  ];
}

/**
 * The rules that make a row so. They read `stream` of every call, also where nothing is to happen: it is what tells the
 * proxy's events of streams and of others apart.
 */
export function rulesOf({ faults, times }: Row): readonly unknown[] {
  const when = { path: '/v1/messages', stream: true };
  if (!faults) return [{ name: 'never', when, trigger: { nth: [1_000_000] }, fault: OVERLOADED }];
  return [{ name: 'stimulus', when, ...(times ? { trigger: { first: times } } : {}), faults }];
}
