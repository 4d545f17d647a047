/** Claude Code meets every row, and `docs/claude-code.md` says what happens. `AEP_WRITE=1` writes it. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { installClaudeCode } from '../../clients/ci/install.ts';
import { DOCUMENT, type Lines, readLines, renderDocument } from './document.ts';
import { observeRows } from './observe-rows.ts';
import { rows } from './rows.ts';

let written: string;
let lines: Lines;
let version: string;

beforeAll(async () => {
  const claude = join(installClaudeCode(), 'node_modules', '.bin', 'claude');
  [version = ''] = execFileSync(claude, ['--version'], {
    encoding: 'utf8',
    env: { PATH: '/usr/bin:/bin' },
  }).split(' ');
  written = existsSync(DOCUMENT) ? readFileSync(DOCUMENT, 'utf8') : '';
  lines = await observeRows(claude, readLines(written));
  if (process.env.AEP_WRITE === '1') {
    written = renderDocument(lines, version);
    writeFileSync(DOCUMENT, written);
  }
});

describe('does as docs/claude-code.md says', () => {
  it.each(rows)('$title', ({ title }) => {
    expect(lines.get(title)).toBe(readLines(written).get(title));
  });
});

it('is the document, word for word, of the version that ran', () => {
  expect(renderDocument(lines, version)).toBe(written);
});
