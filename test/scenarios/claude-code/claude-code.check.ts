/** Claude Code in every row, and `docs/scenarios-claude-code.md` says what happens. `AEP_WRITE=1` writes it. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { findScenario } from '../../../src/core/scenarios/find-scenario.ts';
import { installClaudeCode } from '../../clients/ci/install.ts';
import { DOCUMENT, type Lines, lineOf, readLines, renderDocument } from './document.ts';
import { type Observation, observeScenario } from './observe.ts';
import { type Row, rows } from './rows.ts';

let written: string;
let version: string;
const seen = new Map<string, Observation>();
let lines: Lines;

beforeAll(async () => {
  const claude = join(installClaudeCode(), 'node_modules', '.bin', 'claude');
  [version = ''] = execFileSync(claude, ['--version'], {
    encoding: 'utf8',
    env: { PATH: '/usr/bin:/bin' },
  }).split(' ');
  written = existsSync(DOCUMENT) ? readFileSync(DOCUMENT, 'utf8') : '';
  const before = readLines(written);
  // One after the other, and what is not as written once more before it counts: its waits are real time.
  for (const row of rows) {
    await observe(claude, row);
    if (before.has(row.scenario) && before.get(row.scenario) !== lineFor(row)) await observe(claude, row);
  }
  lines = new Map(rows.map((row) => [row.scenario, lineFor(row)]));
  if (process.env.AEP_WRITE === '1') {
    written = renderDocument(lines, version);
    writeFileSync(DOCUMENT, written);
  }
});

async function observe(claude: string, row: Row): Promise<void> {
  seen.set(row.scenario, await observeScenario(claude, row));
}

function lineFor(row: Row): string {
  return lineOf(row, seen.get(row.scenario)!, seen.get('healthy')!.stdout);
}

it('gets its answer where nothing fails', () => {
  expect(seen.get('healthy')).toMatchObject({ code: 0, attempts: [{ phase: 'healthy', status: 200 }] });
  expect(seen.get('healthy')?.stdout).toContain('stand-in');
});

describe('does as docs/scenarios-claude-code.md says', () => {
  it.each(rows)('$scenario', ({ scenario }) => {
    const declared = findScenario(scenario).phases.map(({ name }) => name);
    const phases = [...new Set(seen.get(scenario)?.attempts.map(({ phase }) => phase))];
    expect(declared.slice(0, phases.length), 'its phases come in their order').toEqual(phases);
    expect(lines.get(scenario)).toBe(readLines(written).get(scenario));
  });
});

it('is the document, word for word, of the version that ran', () => {
  expect(renderDocument(lines, version)).toBe(written);
});
