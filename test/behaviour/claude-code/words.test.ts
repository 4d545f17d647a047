/** Words of Claude Code are the same in every run. */
import { expect, it } from 'vitest';
import { finalWords } from './words.ts';

const WHOLE = 'All of it.\n';

it('knows the whole answer', () => {
  expect(finalWords({ stdout: 'All of it.', stderr: 'a warning' }, WHOLE)).toBe('the whole answer');
});

it('quotes anything else, with ports and ids by their names', () => {
  const stdout = 'API Error (127.0.0.1:46407):\n  req_011CQabc | 0f8fad5b-d9cb-469f-a165-70867728950e\n';
  expect(finalWords({ stdout, stderr: '' }, WHOLE)).toBe('"API Error (127.0.0.1:PORT): ID \\| ID"');
});

it('takes standard error where nothing else was printed', () => {
  expect(finalWords({ stdout: '\n', stderr: 'gone' }, WHOLE)).toBe('"gone"');
  expect(finalWords({ stdout: '', stderr: '' }, WHOLE)).toBe('none');
});

it('shortens long words', () => {
  const words = finalWords({ stdout: 'x'.repeat(201), stderr: '' }, WHOLE);
  expect(words).toBe(`"${'x'.repeat(200)}…"`);
});
