/**
 * What is said to people, before it is printed: text, a number, or parts in order. An event log says why for each
 * call, and putting it together as one text would be a third of what it costs.
 */
export type Phrase = string | number | Words | readonly Phrase[];

/** Text that is said over and over. Made once, so that whoever prints it can keep with it what it became. */
export class Words {
  readonly text: string;
  /** The printer's own; nobody else looks at it. */
  printed: unknown = undefined;

  constructor(text: string) {
    this.text = text;
  }
}

/**
 * The phrase as text; numbers with four digits after the point at most, which are enough for people.
 *
 * @example phraseText(['drew ', 0.123456, ', fires below 0.2']) // 'drew 0.1235, fires below 0.2'
 */
export function phraseText(phrase: Phrase): string {
  if (typeof phrase === 'string') return phrase;
  if (typeof phrase === 'number') return String(Number(phrase.toFixed(4)));
  return phrase instanceof Words ? phrase.text : phrase.map(phraseText).join('');
}

const SEMICOLON = new Words('; ');

/** Parts with words between them. */
export function joined(parts: readonly Phrase[], separator = SEMICOLON): Phrase {
  return parts.length === 1 ? parts[0]! : parts.flatMap((part, i) => (i === 0 ? [part] : [separator, part]));
}
