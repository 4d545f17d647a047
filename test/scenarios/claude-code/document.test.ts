/** `docs/scenarios-claude-code.md` says what was seen, and can be read back. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { findScenario } from '../../../src/core/scenarios/find-scenario.ts';
import { attemptsText, DOCUMENT, lineOf, readLines, renderDocument } from './document.ts';
import { rows } from './rows.ts';

const seen = {
  attempts: [
    { phase: 'burst', status: 529 },
    { phase: 'burst', status: 0 },
    { phase: 'recovered', status: 200 },
  ],
  code: 0,
  stdout: 'Come back on 2026-12-01.',
  stderr: '',
};
const lines = new Map(rows.map((row) => [row.scenario, lineOf(row, seen, 'all')]));

it('has six scenarios and more, each once', () => {
  expect(lines.size).toBe(rows.length);
  expect(rows.filter(({ scenario }) => scenario !== 'healthy').length).toBeGreaterThanOrEqual(6);
  for (const { scenario } of rows) expect(findScenario(scenario).name).toBe(scenario);
});

it('says attempts by phase, exit code and words without dates', () => {
  expect(attemptsText(seen.attempts)).toBe('burst: 529, no answer; recovered: 200');
  expect(lineOf({ scenario: 'healthy', timeScale: 0.1 }, seen, 'all')).toBe(
    '| [healthy](scenarios.md#healthy) | 0.1 | default | burst: 529, no answer; recovered: 200 | 0 | "Come back on DATE." |',
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
