/** docs/fault.md: its commands are ones that the program understands, and its names are ones that exist. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { faultArguments, faultCommand } from '../../src/cli/fault-command.ts';
import { checkPluginSettings } from '../../src/cli/plugin-mode.ts';
import { parseCommandLine } from '../../src/cli/program.ts';
import { FLAGS } from '../../src/config/flags.ts';
import { normalize } from '../../src/config/normalize.ts';
import { faultCatalogue } from '../../src/core/faults/catalogue.ts';

const text = readFileSync(resolve(import.meta.dirname, '../../docs/fault.md'), 'utf8');
const fenced = [...text.matchAll(/^```\n([\s\S]*?)^```$/gm)].flatMap(([, lines = '']) =>
  lines.trim().split('\n'),
);
const ours = fenced.filter((line) => line.startsWith('npx anthropic-error-plugin '));
const faults = fenced.filter((line) => line.startsWith('fault run '));

describe('docs/fault.md', () => {
  it.each(ours)('%s is understood', (line) => {
    const io = { stdout: { write: () => {} } } as unknown as Parameters<typeof parseCommandLine>[1];
    const parsed = parseCommandLine(line.split(' ').slice(2), io);
    const flags = parsed?.flags ?? new Map();
    const settings = normalize({ flags, env: {}, cwd: '/', file: undefined });
    if (!flags.get('--standalone')) checkPluginSettings(settings, flags);
  });

  it('has the line for fault as the program prints it, and all its lines name our ports', () => {
    const url = 'http://127.0.0.1:50051';
    expect(ours).toHaveLength(3);
    expect(faults).toContain(faultCommand(faultArguments(url, ['api.anthropic.com'])));
    expect(faults).toHaveLength(5);
    for (const line of faults) {
      const plugin = /--grpc-plugin (\S+)/.exec(line)?.[1];
      if (plugin !== undefined) expect(plugin).toBe(url);
      for (const [, upstream] of line.matchAll(/--upstream (\S+)/g)) expect(upstream).toMatch(/:\d+$/);
      // Fault's limit on what it reads, its default, stalls for ever.
      if (line.includes('--with-bandwidth')) expect(line).toContain('--bandwidth-direction egress');
    }
  });

  it('names faults and flags that exist', () => {
    const table = text.split('## What works where')[1]!.split('\n## ')[0]!;
    const names = [...table.matchAll(/`([a-z]+(?:-[a-z]+)*)`/g)].map(([, name]) => name!);
    expect(names.length).toBeGreaterThan(5);
    expect(names.filter((name) => !faultCatalogue.has(name))).toEqual([]);
    const flags = [...table.matchAll(/`(--[a-z-]+)`/g)].map(([, name]) => name!);
    expect(flags.filter((flag) => !FLAGS.some(({ name }) => name === flag))).toEqual([]);
  });
});
