/** Writes the stand-in's answers: the same prompt, the same words. */
import { createHash } from 'node:crypto';

const SENTENCES = [
  'Nothing here was thought up by a model, so please do not rely on it.',
  'The same request always gets the same answer, which makes a failing test easy to repeat.',
  'Ask for a longer text if you want to watch a stream for a while.',
  'Every word of it arrives as a real stream would bring it, one event after the other.',
  'What you are testing is how your program behaves when the wire does not.',
  'A good client waits, tries again, and tells its user what happened.',
  'A careful client also notices when a stream ends before it is complete.',
  'No key was checked against anything, and nothing left this machine.',
  'Sunlight fell across the desk while the retry timer counted down.',
  'Somewhere a load balancer sighed, and then carried on.',
  'The numbers under usage were counted from the text, so they add up.',
  'If this reached you in one piece, the path between us works.',
];
const DEFAULT_WORDS = 45;
const QUOTE_LENGTH = 80;

/**
 * An answer to a prompt.
 *
 * @param words exact length in words; about 45, ending with a whole sentence, when left out
 */
export function writeAnswer(prompt: string, toolResult: string | undefined, words?: number): string {
  const opening = 'This is the built-in stand-in for the Claude API, not a model.';
  return fill(
    toolResult === undefined
      ? `${opening}${quote(' You wrote:', prompt)}`
      : `${opening}${quote(' The tool answered:', toolResult)}`,
    prompt,
    words,
  );
}

/** What a thinking block says. */
export function writeThoughts(prompt: string): string {
  return fill(
    `The user wants an answer.${quote(' They wrote:', prompt)} I am the stand-in, so I will say that, and say it kindly.`,
    prompt,
  );
}

/** What stands before a tool call that was not forced. */
export function announceCall(names: readonly string[]): string {
  return `The stand-in was asked to call ${names.join(' and ')}, so here it is.`;
}

function quote(introduction: string, text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  if (line === '') return '';
  const letters = Array.from(line);
  const short = letters.length > QUOTE_LENGTH ? `${letters.slice(0, QUOTE_LENGTH).join('')}…` : line;
  return `${introduction} "${short}".`;
}

function fill(opening: string, prompt: string, words?: number): string {
  const start = createHash('sha256').update(prompt).digest()[0] ?? 0;
  const written = opening.split(' ');
  for (let i = 0; written.length < (words ?? DEFAULT_WORDS); i++) {
    written.push(...(SENTENCES[(start + i) % SENTENCES.length] ?? '').split(' '));
  }
  if (words === undefined) return written.join(' ');
  const text = written.slice(0, words).join(' ');
  return /[.!?…"]$/.test(text) ? text : `${text.replace(/[,;:]$/, '')}.`;
}
