/** Turns the text of a flag or an environment variable into the value that a config file would hold. */
import { parseDuration } from '../core/duration.ts';
import { Problem } from '../core/problem.ts';
import { PROTO_KEY } from '../core/proto-key.ts';
import type { Flag } from './flag.ts';
import { shown } from './sentence.ts';

const NUMBER = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;

/**
 * The value that `texts` stand for. Text that does not fit stays text: the schema then says what it must be.
 *
 * @param texts one text per time that the flag was given
 * @param where for errors: `--header` or `AEP_HEADERS`
 * @throws Problem `bad-option` for a header without a colon, or a switch that is neither on nor off
 */
export function valueOfTexts(flag: Flag, texts: readonly string[], where: string): unknown {
  const last = texts.at(-1) ?? '';
  switch (flag.takes) {
    case 'number':
      return NUMBER.test(last) ? Number(last) : last;
    case 'list':
      return texts.flatMap((text) => text.split(',')).flatMap((text) => text.trim() || []);
    case 'headers':
      return headersOf(texts, where);
    case 'switch':
      return switchOf(last, where);
    case 'seconds':
      return secondsOf(last, where);
    case 'text':
      return last;
  }
}

/** Other texts are for a config file: on a command line they are mistyped. */
function secondsOf(text: string, where: string): string {
  const word = text.trim();
  // Parts of seconds are told apart by the schema.
  if (word === 'absent' || /^\d{1,15}$/.test(word) || parseDuration(word) !== undefined) return word;
  throw new Problem(
    'bad-option',
    `${where} must be seconds, such as 30 or 2m, or absent, not ${shown(text)}; a config file may hold a text that is sent as it stands`,
  );
}

function switchOf(text: string, where: string): boolean {
  const word = text.trim().toLowerCase();
  if (['true', '1', 'yes', 'on'].includes(word)) return true;
  if (['false', '0', 'no', 'off'].includes(word)) return false;
  throw new Problem('bad-option', `${where} must be true or false, not ${shown(text)}`);
}

function headersOf(texts: readonly string[], where: string): Record<string, string | string[]> {
  const headers = new Map<string, { name: string; values: string[] }>();
  for (const text of texts) {
    const colon = text.indexOf(':');
    if (colon < 1)
      throw new Problem(
        'bad-option',
        // Not shown: it may be a header with a key that lacks its colon.
        `${where} must be 'Name: value', such as 'x-region: eu'`,
      );
    const name = text.slice(0, colon).trim();
    const value = text.slice(colon + 1).trim();
    if (name === '__proto__') throw new Problem('bad-option', `${where}: ${PROTO_KEY}`);
    const known = headers.get(name.toLowerCase());
    if (known) known.values.push(value);
    else headers.set(name.toLowerCase(), { name, values: [value] });
  }
  return Object.fromEntries(
    [...headers.values()].map(({ name, values }) => [name, values.length === 1 ? values[0]! : values]),
  );
}
