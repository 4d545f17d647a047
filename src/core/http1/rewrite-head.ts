/** Changes some lines of a head and leaves every other byte of it as it came. */
import type { Header } from '../facts.ts';
import { headerLine, startLine } from './header-line.ts';
import type { RequestHead } from './request-head.ts';
import type { ResponseHead } from './response-head.ts';

export interface HeadChanges {
  /** New start line, without CRLF. */
  readonly startLine?: string;
  /** Lower-case names to leave out. A name that is also in `set` is replaced, not dropped. */
  readonly drop?: ReadonlySet<string>;
  /** Each replaces the first field of its name in place (others of that name go), or is appended. Several of one name stay together. */
  readonly set?: readonly Header[];
}

/** What becomes of one line: forwarded, left out, or replaced by the text. */
type Fate = true | false | string;

/** A head with `changes` made: lines not named keep their bytes, case and order. */
export function rewriteHead(head: RequestHead | ResponseHead, changes: HeadChanges): Buffer {
  const { headers } = head;
  const fates: Fate[] = new Array<Fate>(headers.count).fill(true);
  for (const name of changes.drop ?? []) {
    for (let i = headers.find(name, 0); i >= 0; i = headers.find(name, i + 1)) fates[i] = false;
  }
  const appended = place(head, changes.set, fates);
  const { raw } = head;
  let text =
    changes.startLine === undefined
      ? raw.toString('latin1', 0, raw.length - headers.length - 2)
      : startLine(changes.startLine);
  for (let i = 0; i < fates.length; ) {
    const fate = fates[i]!;
    if (typeof fate === 'string') text += fate;
    if (fate !== true) {
      i++;
      continue;
    }
    const first = i;
    while (i < fates.length && fates[i] === true) i++;
    text += headers.lines(first, i);
  }
  // latin1 there and back is exact, and one encoding is cheaper than a copy per run of lines.
  return Buffer.from(`${text}${appended}\r\n`, 'latin1');
}

/** Decides where the fields of `set` go; returns the lines for which there is no place yet. */
function place(head: RequestHead | ResponseHead, set: readonly Header[] | undefined, fates: Fate[]): string {
  if (set === undefined || set.length === 0) return '';
  const texts = new Map<string, string>();
  for (const [name, value] of set) {
    const lower = name.toLowerCase();
    texts.set(lower, (texts.get(lower) ?? '') + headerLine(name, value));
  }
  let appended = '';
  for (const [lower, text] of texts) {
    const first = head.headers.find(lower, 0);
    if (first < 0) appended += text;
    else fates[first] = text;
    for (let i = first < 0 ? -1 : head.headers.find(lower, first + 1); i >= 0; ) {
      fates[i] = false;
      i = head.headers.find(lower, i + 1);
    }
  }
  return appended;
}
