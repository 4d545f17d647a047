/** Says an observation in the words of the tables: a category and the number of attempts, no times. */
import type { Report, SeenError } from './client-process.ts';
import type { Observation } from './observe.ts';
import { PATIENCE_MS, type Stimulus } from './stimulus.ts';

/** Errors whose name says all, and whose message names positions or differs between versions of the runtime. */
const TELLING_NAMES = new Set(['SyntaxError', 'JSONDecodeError']);
/** Parts of streams that are no errors themselves but the API's object, or a text. */
const BARE_VALUES = new Set(['Object', 'String']);
const LONGEST_MESSAGE = 60;
const NORMAL = 'ends normally';
const WHOLE = new Set(['end_turn', 'stop']);

/** Sooner than any client's own back-off (at least 375 ms). */
const AT_ONCE_MS = 300;
/** Clocks of client and proxy may differ by a little; own back-offs end 1 s before. */
const EARLY_MS = 200;

/**
 * @param whole the text that an undisturbed call gets
 * @example "throws `OverloadedError` (529 overloaded_error) · 3"
 */
export function wording(seen: Observation, stimulus: Stimulus, whole: string): string {
  return `${outcome(seen, stimulus, whole)} · ${seen.attempts}`;
}

function outcome({ report, gapMs }: Observation, stimulus: Stimulus, whole: string): string {
  if (report === undefined) {
    const seconds = (stimulus.patienceMs ?? PATIENCE_MS) / 1000;
    return gapMs === undefined ? `still waiting after ${seconds} s` : `still retrying after ${seconds} s`;
  }
  const { error, part } = report;
  const retried = gapMs === undefined ? '' : retryWords(gapMs, stimulus);
  if (error)
    return [`${retried}throws ${errorWords(error)}`, shown(report, whole)].filter(Boolean).join(', ');
  const end = part ? partWords(part, report, whole) : endWords(report, whole);
  return `${retried}${end}${noteWords(report)}`;
}

/** An error that came as a part of the stream, and whether the stream went on behind it. */
function partWords(part: SeenError, report: Report, whole: string): string {
  return `error part ${errorWords(part)}, then ${restWords(report, whole)}`;
}

/** How the first wait went. */
function retryWords(gapMs: number, { toldMs }: Stimulus): string {
  if (toldMs === undefined) return 'retries, then ';
  if (gapMs < AT_ONCE_MS) return 'retries at once, then ';
  return toldMs > 0 && gapMs >= toldMs - EARLY_MS
    ? 'waits as told, then '
    : 'retries after its own back-off, then ';
}

function errorWords({ name, status, type, message, inner }: SeenError): string {
  if (inner) return `\`${name}\` of ${errorWords(inner)}`;
  const label = BARE_VALUES.has(name) ? '' : `\`${name}\` `;
  const facts = [status, type].filter((fact) => fact !== null);
  if (facts.length > 0) return `${label}(${facts.join(' ')})`;
  if (TELLING_NAMES.has(name) || message === '') return `\`${name}\``;
  const [line = ''] = message.split('\n');
  const short = line.length > LONGEST_MESSAGE ? `${line.slice(0, LONGEST_MESSAGE)}…` : line;
  return `${label}"${short.replaceAll('|', '\\|')}"`;
}

/** What a program has shown its user by the time of the error. */
function shown({ text }: Report, whole: string): string {
  if (text === '') return '';
  return text === whole ? 'the whole text shown' : 'part of the text shown';
}

function endWords({ returned, text, stop }: Report, whole: string): string {
  if (returned === 'string') return 'returns the body as a string';
  if (returned === 'error') return 'returns the error as if it were a message';
  const rest = restWords({ text, stop }, whole);
  return rest === NORMAL ? rest : `**ends without an error**, ${rest}`;
}

function restWords({ text, stop }: Pick<Report, 'text' | 'stop'>, whole: string): string {
  if (text === whole && stop !== null && WHOLE.has(stop)) return NORMAL;
  const much = text === '' ? 'no text' : text === whole ? 'the whole text' : 'part of the text';
  return `${much}, stop reason ${stop ?? 'none'}`;
}

function noteWords({ notes }: Report): string {
  return [...new Set(notes)].map((note) => `, ${note}`).join('');
}
