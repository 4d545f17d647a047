/** `docs/claude-code.md` says what was seen, and can be read back. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { DOCUMENT, lineOf, readLines, renderDocument } from './document.ts';
import { rows } from './rows.ts';

const seen = { streams: 3, wholes: 1, faults: 3, code: 1, stdout: 'API Error', stderr: '' };
const lines = new Map(rows.map((row) => [row.title, lineOf(row, seen, 'all')]));

it('has a title of its own for every row', () => {
  expect(lines.size).toBe(rows.length);
});

it('says attempts, exit code and words', () => {
  expect(lineOf({ title: 'a fault', maxRetries: 1 }, seen, 'all')).toBe(
    '| a fault | 1 | 3 | 1 | 1 | "API Error" |',
  );
});

it('reads back every line that it wrote', () => {
  expect(readLines(renderDocument(lines, '1.2.3'))).toEqual(lines);
});

it('is generated: the document that is there renders to itself', () => {
  const text = readFileSync(DOCUMENT, 'utf8');
  const [, version = ''] = /claude-code` (\S+),/.exec(text) ?? [];
  expect(renderDocument(readLines(text), version)).toBe(text);
});
