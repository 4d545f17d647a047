/** The glossary has each word once, with one sentence, and those that the code and its logs turn on. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ROOT } from './imports.ts';

const rows = [
  ...readFileSync(join(ROOT, 'docs/glossary.md'), 'utf8').matchAll(/^\| ([^|]+) \| ([^|]+) \|$/gm),
]
  .map(([, word = '', meaning = '']) => ({ word, meaning }))
  .filter(({ word }) => word !== 'word' && word !== '---');

it('has each word once', () => {
  const words = rows.map(({ word }) => word);
  expect(new Set(words).size).toBe(words.length);
});

it('says of each what it is, in one sentence', () => {
  const wrong = rows.filter(({ meaning }) => !/^[A-Z](?:[^.]|\.(?=\S))*\.$/.test(meaning));
  expect(wrong).toEqual([]);
});

it.each([
  'call',
  'attempt',
  'connection',
  'leg',
  'tunnel',
  'target',
  'upstream',
  'stand-in',
  'fault',
  'the fault proxy',
  'effect',
  'rule',
  'trigger',
  'decision',
  'scenario',
  'injected',
  'natural',
  'applied',
  'skipped',
  'planned',
  'seed',
  'ordinal',
  'nth',
])('has %s', (word) => {
  expect(rows.map((row) => row.word)).toContain(word);
});

it.each(['README.md', 'docs/architecture.md'])('is found from %s', (page) => {
  expect(readFileSync(join(ROOT, page), 'utf8')).toMatch(/\]\((?:docs\/)?glossary\.md\)/);
});
