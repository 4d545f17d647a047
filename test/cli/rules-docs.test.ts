/** The generated documents are what their sources say, and every entry of every catalogue has its row. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { generators } from '../../scripts/docs/generators.ts';
import { faultAliases } from '../../src/core/faults/aliases.ts';
import { faultCatalogue } from '../../src/core/faults/catalogue.ts';
import { faultPresets } from '../../src/core/faults/presets.ts';
import { matcherCatalogue } from '../../src/core/matchers/catalogue.ts';
import { triggerCatalogue } from '../../src/core/triggers/catalogue.ts';

const root = resolve(import.meta.dirname, '../..');
const read = (file: string): string => readFileSync(resolve(root, file), 'utf8');

it.each(generators)('$file is what its source says', ({ file, make }) => {
  expect(read(file)).toBe(make());
});

describe('docs/faults.md', () => {
  const text = read('docs/faults.md');
  it.each([...faultCatalogue.keys()])('has %s, with an example', (kind) => {
    expect(text).toContain(`| [\`${kind}\`](#${kind}) |`);
    const section = text.split(`\n## ${kind}\n`)[1]?.split('\n## ')[0];
    expect(section).toContain(`kind: ${kind}`);
  });
  it('has every preset and alias', () => {
    for (const name of faultPresets.keys()) expect(text).toContain(`\n| \`${name}\` |`);
    for (const { name, from } of faultAliases) expect(text).toContain(`\n| \`${name}\` | ${from} |`);
  });
});

describe('docs/rules.md', () => {
  const text = read('docs/rules.md');
  it('has every matcher and trigger', () => {
    for (const { key } of [...matcherCatalogue, ...triggerCatalogue])
      expect(text).toContain(`\n| \`${key}\` |`);
  });
  it('says of every key of a rule what it means', () => {
    const keys = ['name', 'when', 'trigger', 'limit', 'cooldown', 'pass', 'fault', 'faults', 'outcomes'];
    for (const key of keys) expect(text).toMatch(new RegExp(`^\\| \`${key}\` \\| \\S.* \\|$`, 'm'));
  });
  it('has the published draws', () => {
    expect(text).toContain('0.5795503306837346');
    expect(text).toContain('req_011CNsxXi1uI46gwH8tKd351');
  });
});
