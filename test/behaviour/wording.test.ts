/** The words of the tables: what is told apart, and what is left out. */
import { expect, it } from 'vitest';
import type { Report, SeenError } from './client-process.ts';
import type { Stimulus } from './stimulus.ts';
import { wording } from './wording.ts';

const WHOLE = 'one two three';
const stimulus: Stimulus = { title: 'something' };
const fine: Report = { returned: 'message', text: WHOLE, stop: 'end_turn', notes: [] };
const overloaded: SeenError = { name: 'OverloadedError', status: 529, type: 'overloaded_error', message: '' };

function words(report: Partial<Report> | undefined, attempts = 1, gapMs?: number, traits = {}): string {
  const seen = { report: report && { ...fine, ...report }, attempts, gapMs, skipped: [] };
  return wording(seen, { ...stimulus, ...traits }, WHOLE);
}

it.each<[string, Partial<Report>]>([
  ['ends normally · 1', {}],
  ['**ends without an error**, part of the text, stop reason none · 1', { text: 'one', stop: null }],
  ['**ends without an error**, the whole text, stop reason other · 1', { stop: 'other' }],
  ['**ends without an error**, no text, stop reason end_turn · 1', { text: '' }],
  ['returns the body as a string · 1', { returned: 'string', text: '', stop: null }],
  ['returns the error as if it were a message · 1', { returned: 'error', text: '', stop: null }],
  ['ends normally, yields ping_pong · 1', { notes: ['yields ping_pong', 'yields ping_pong'] }],
  ['throws `OverloadedError` (529 overloaded_error) · 1', { error: overloaded, text: '' }],
  [
    'throws `OverloadedError` (529 overloaded_error), part of the text shown · 1',
    { error: overloaded, text: 'one' },
  ],
  ['error part `OverloadedError` (529 overloaded_error), then ends normally · 1', { part: overloaded }],
  [
    'throws `AI_RetryError` of `OverloadedError` (529 overloaded_error) · 1',
    { text: '', error: { name: 'AI_RetryError', status: null, type: null, message: '', inner: overloaded } },
  ],
])('%s', (expected, report) => {
  expect(words(report)).toBe(expected);
});

it('names no position of broken JSON, and cuts long messages before they break the table', () => {
  const plain = { status: null, type: null };
  expect(words({ text: '', error: { name: 'SyntaxError', ...plain, message: 'at position 7' } })).toBe(
    'throws `SyntaxError` · 1',
  );
  const long = `a | ${'b'.repeat(80)}\nsecond line`;
  expect(words({ text: '', error: { name: 'TypeError', ...plain, message: long } })).toBe(
    `throws \`TypeError\` "a \\| ${'b'.repeat(56)}…" · 1`,
  );
});

it.each([
  [50, 0, 'retries at once'],
  [450, 0, 'retries after its own back-off'],
  [450, 3000, 'retries after its own back-off'],
  [2950, 3000, 'waits as told'],
  [50, 3000, 'retries at once'],
  [450, undefined, 'retries'],
])('a second attempt %i ms after the first, told %s: %s', (gapMs, toldMs, expected) => {
  expect(words({}, 2, gapMs, { toldMs })).toBe(`${expected}, then ends normally · 2`);
});

it('does not take a wait for an end', () => {
  expect(words(undefined, 1, undefined, { patienceMs: 5000 })).toBe('still waiting after 5 s · 1');
  expect(words(undefined, 3, 400, { patienceMs: 5000 })).toBe('still retrying after 5 s · 3');
});
