/** Regular expressions in a time that is linear in the text: RE2's syntax and engine, unanchored, without backtracking. */
import { RE2JS } from 're2js';

/** What RE2 leaves out on purpose, as it is written. */
const LEFT_OUT: readonly (readonly [RegExp, string])[] = [
  [/^\(\?<?[=!]/, 'looks around (`(?=`, `(?!`, `(?<=`, `(?<!`)'],
  [/^\\(?:[1-9]|k<)/, 'refers back to a group (`\\1`, `\\k<name>`)'],
  [/^\(\?>/, 'has an atomic group (`(?>`)'],
];

const CURE =
  'which cannot be matched in linear time: say it with several conditions (`all`, `any`, `not`), or with a simpler expression';

export class LinearRegex {
  readonly #regex: RE2JS;
  readonly #size: number;

  /** @throws Error with one sentence for what cannot be compiled */
  constructor(source: string, anyCase = false) {
    const leftOut = leftOutOf(source);
    if (leftOut !== undefined) throw new Error(`it ${leftOut}, ${CURE}`);
    try {
      this.#regex = RE2JS.compile(RE2JS.translateRegExp(source), anyCase ? RE2JS.CASE_INSENSITIVE : 0);
    } catch (error) {
      throw new Error(String((error as Error).message).replace(/^error parsing regexp: /, ''));
    }
    this.#size = this.#regex.programSize();
  }

  /** What testing this text takes at the worst. */
  steps(text: string): number {
    return text.length * this.#size;
  }

  /** Whether it matches anywhere in the text. */
  test(text: string): boolean {
    return this.#regex.test(text);
  }
}

/** What is wrong with a regular expression, in one line; undefined when it is sound. */
export function regexFlaw(source: string): string | undefined {
  try {
    new LinearRegex(source);
    return undefined;
  } catch (error) {
    return `not a regular expression that can be used: ${(error as Error).message}`;
  }
}

/** What the expression asks for that RE2 does not have; looked for outside of classes and behind no backslash. */
function leftOutOf(source: string): string | undefined {
  let inClass = false;
  for (let i = 0; i < source.length; i++) {
    const rest = source.slice(i, i + 4);
    if (!inClass) {
      const found = LEFT_OUT.find(([pattern]) => pattern.test(rest));
      if (found) return found[1];
    }
    if (source[i] === '\\') i++;
    else if (source[i] === '[') inClass = true;
    else if (source[i] === ']') inClass = false;
  }
  return undefined;
}
