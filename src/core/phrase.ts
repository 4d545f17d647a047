/**
 * What is said to people, before it is printed: text, a number, or parts in order. An event log says why for each
 * call, and putting it together as one text would be a third of what it costs.
 */
export type Phrase = string | number | readonly Phrase[];

/**
 * The phrase as text; numbers with four digits after the point at most, which are enough for people.
 *
 * @example phraseText(['drew ', 0.123456, ', fires below 0.2']) // 'drew 0.1235, fires below 0.2'
 */
export function phraseText(phrase: Phrase): string {
  if (typeof phrase === 'string') return phrase;
  if (typeof phrase === 'number') return String(Number(phrase.toFixed(4)));
  return phrase.map(phraseText).join('');
}

/** Parts with a text between them. */
export function joined(parts: readonly Phrase[], separator: string): Phrase {
  return parts.length === 1 ? parts[0]! : parts.flatMap((part, i) => (i === 0 ? [part] : [separator, part]));
}
