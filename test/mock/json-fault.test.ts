import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findJsonFault, findLoneSurrogate } from '../../src/mock/json-fault.ts';

describe('findJsonFault', () => {
  it.each<[string, string, number]>([
    ['', 'unexpected end of data', 0],
    ['  ', 'unexpected end of data', 2],
    ['{"a":1', 'unexpected end of data', 6],
    ['{"a":1}}', 'unexpected content after document', 7],
    ['{"a" 1}', 'unexpected character', 5],
    ['{a:1}', 'unexpected character', 1],
    ['{"a":1,}', 'unexpected character', 7],
    ['[1,]', 'unexpected character', 3],
    ['[1}', 'unexpected character', 2],
    ['[01]', 'unexpected character', 2],
    ['{"a":tru}', 'unexpected character', 5],
    ['"a\nb"', 'unexpected character', 0],
    ['"\\x"', 'unexpected character', 0],
  ])('%j: %s at %i', (text, reason, char) => {
    expect(findJsonFault(text)).toEqual({ reason, char });
  });

  it('agrees with JSON.parse on what is JSON', () => {
    const spoiled = fc
      .tuple(fc.json(), fc.nat(), fc.constantFrom('', '}', ']', ',', ':', '"', '0', ' ', '\\', 'null', '-'))
      .map(([text, at, piece]) => {
        const i = at % (text.length + 1);
        return text.slice(0, i) + piece + text.slice(i + (at % 2));
      });
    fc.assert(
      fc.property(spoiled, (text) => {
        expect(findJsonFault(text) === undefined).toBe(parses(text));
      }),
      { numRuns: 2000 },
    );
  });

  it('stands deep nesting', () => {
    expect(findJsonFault('['.repeat(200_000))?.char).toBe(200_000);
  });
});

describe('findLoneSurrogate', () => {
  it.each<[string, string | undefined, number]>([
    ['"\\ud83d\\ude00"', undefined, 0],
    ['"\\ud83d"', 'no low surrogate in string', 1],
    ['"\\uD83D-\\ude00"', 'no low surrogate in string', 1],
    ['"\\ud83d\\ud83d\\ude00"', 'no low surrogate in string', 1],
    ['"x\\ude00"', 'invalid high surrogate in string', 2],
    ['"\\\\ud83d"', undefined, 0],
    ['"😀"', undefined, 0],
    ['"\\u00e9"', undefined, 0],
  ])('%j: %s', (text, reason, char) => {
    expect(findLoneSurrogate(text)).toEqual(reason && { reason, char });
  });
});

function parses(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
