import { describe, expect, it } from 'vitest';
import { MeteredLanguage, TooCostly } from './metered-language.ts';

const language = new MeteredLanguage();
const evaluate = (source: string, json: unknown): unknown => language.compile(source).evaluate(json);

const LIST = Array.from({ length: 100_000 }, (_, i) => i);
const LONG = 'a'.repeat(1_000_000);
const KEYS = Object.fromEntries(LIST.map((i) => [`k${i}`, i]));

describe('expressions', () => {
  it.each([
    ['size(body.list) > 10 && body.list.exists(i, i == 99999)', { list: LIST }],
    ['body.list.all(i, i >= 0) && body.list.filter(i, i >= 50000).size() == 50000', { list: LIST }],
    ['body.text.contains("aab") && body.text.indexOf("b") == 1000000', { text: `${LONG}b` }],
    ['body.text.lastIndexOf("b") == 1000000 && size(body.text) == 1000001', { text: `${LONG}b` }],
    ['body.text.matches("^a+b$") && !body.text.matches("c")', { text: `${LONG.slice(0, 200_000)}b` }],
    ['body.text.split(",").size() == 3 && body.text.split(",", 2).size() == 2', { text: 'a,b,c' }],
    ['body.a == body.b && body.a != [] && {"x": 1} in [{"x": 1}]', { a: [{ x: [1] }], b: [{ x: [1] }] }],
    ['"x" in body && body.x in [1.0, 2.0] && int("12") == 12 && body.keys.k5 == 5.0', { x: 2, keys: KEYS }],
    [
      'body.messages.exists(m, m.content.exists(c, has(c.text) && c.text.contains("needle")))',
      {
        messages: LIST.slice(0, 2000).map((i) => ({
          content: [{ text: i === 1999 ? 'a needle' : LONG.slice(0, 500) }],
        })),
      },
    ],
  ])('of the usual size are evaluated: %s', (source, json) => {
    expect(evaluate(source, json)).toBe(true);
  });

  it.each([
    ['loops in loops', 'body.list.exists(i, body.list.exists(j, i + j < 0))', { list: LIST }],
    [
      'loops in loops that `all` goes on with',
      'body.list.all(i, body.list.all(j, i + j >= 0))',
      { list: LIST },
    ],
    ['errors that loops swallow', 'body.list.exists(i, i.missing == 1)', { list: LIST }],
    ['errors that || swallows', 'body.list.exists(i, body.list.exists(j, j < 0) || i < 0)', { list: LIST }],
    ['lists made in loops', 'body.list.map(i, body.list.map(j, j)).size() > 0', { list: LIST }],
    [
      'lists that double',
      'cel.bind(a, body.l + body.l, cel.bind(b, a + a, cel.bind(c, b + b, cel.bind(d, c + c, cel.bind(e, d + d, cel.bind(f, e + e, cel.bind(g, f + f, size(g + g) > 0)))))))',
      { l: LIST },
    ],
    [
      'searches of long texts in loops',
      'body.list.exists(i, body.text.contains("b"))',
      { list: LIST, text: LONG },
    ],
    [
      'searches for long texts',
      'body.text.contains(body.part)',
      { text: LONG, part: `${LONG.slice(0, 250_000)}b${LONG.slice(0, 250_000)}` },
    ],
    [
      'searches from the end',
      'body.text.lastIndexOf(body.part) > 0',
      { text: LONG, part: `${LONG.slice(0, 10_000)}b` },
    ],
    ['regular expressions on long texts', 'body.text.matches("^(a|b)*a(a|b){50}$")', { text: LONG }],
    [
      'regular expressions in loops',
      'body.list.exists(i, body.text.matches("^a+b"))',
      { list: LIST, text: LONG.slice(0, 1000) },
    ],
    ['lengths of texts in loops', 'body.list.exists(i, size(body.text) < 0)', { list: LIST, text: LONG }],
    [
      'lists compared in loops',
      'body.list.exists(i, body.a == body.b && i < 0)',
      { list: LIST, a: [LIST], b: [[...LIST]] },
    ],
    [
      'texts in lists compared in loops',
      'body.list.exists(i, body.a == body.b && i < 0)',
      { list: LIST, a: [LONG], b: [`${LONG.slice(1)}a`] },
    ],
    [
      'lists searched in loops',
      'body.list.exists(i, [-1] in body.lists)',
      { list: LIST, lists: LIST.map((i) => [i]) },
    ],
    [
      'keys listed in loops',
      'body.list.exists(i, body.keys.exists(k, true) && i < 0)',
      { list: LIST, keys: KEYS },
    ],
    ['long numbers', 'int(body.text) > 0', { text: '9'.repeat(1_000_000) }],
  ])('are given up when they cost too much: %s', (_name, source, json) => {
    expect(() => evaluate(source, json)).toThrow(TooCostly);
    // The next one has all its steps.
    expect(evaluate('size(body.list) == 3', { list: [1, 2, 3] })).toBe(true);
  });

  it('nested as deep as a client likes cost a finite time', () => {
    let deep: unknown = [];
    for (let i = 0; i < 200_000; i++) deep = [deep];
    expect(() => evaluate('body.a == body.b', { a: deep, b: [deep] })).toThrow();
  });

  it.each([
    ['body.a.matches(body.b)', /a text that is written out/],
    ['body.a.matches("(?=a)")', /looks around/],
    ['body.a.matches("(")', /missing closing/],
    ['"a".contains(1)', /overload for 'string\.contains\(int\)'/],
    ['body.', /./],
  ])('%s is refused', (source, reason) => {
    expect(() => language.compile(source)).toThrow(reason);
  });
});
