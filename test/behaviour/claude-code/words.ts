/** What an observation of Claude Code comes to in the document: nothing in it differs from one run to the next. */
import type { Observation } from './observe-claude.ts';

/** Errors fit; the stand-in's answers do not have to. */
const LONGEST = 200;
const ID = /\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b|\b(req|msg)_[0-9A-Za-z]+/g;

/**
 * What the user is left with: standard output, or standard error where that is empty.
 *
 * @param whole what is printed when nothing happens
 */
export function finalWords(
  { stdout, stderr }: Pick<Observation, 'stdout' | 'stderr'>,
  whole: string,
): string {
  const text = settled(stdout) || settled(stderr);
  if (text === '') return 'none';
  if (text === settled(whole)) return 'the whole answer';
  const short = text.length > LONGEST ? `${text.slice(0, LONGEST).trimEnd()}…` : text;
  return `"${short.replaceAll('|', '\\|')}"`;
}

/** On one line, ports and ids by their names. */
function settled(text: string): string {
  return text
    .trim()
    .replace(/\s+/g, ' ')
    .replace(/\b127\.0\.0\.1:\d+/g, '127.0.0.1:PORT')
    .replace(ID, 'ID');
}
