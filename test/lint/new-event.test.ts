/** A new event cannot be invisible: whoever takes events by their type does not compile until it says what the new one is to it. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../..');

/** Those that show, count, record, fold or pass on events. */
const CONSUMERS = [
  'src/cli/workers/calls-under-way.ts',
  'src/cli/workers/event-sender.ts',
  'src/observe/bus.ts',
  'src/observe/console-log.ts',
  'src/observe/encode-event.ts',
  'src/observe/finished-exchange.ts',
  'src/observe/summary.ts',
];

it('every consumer of events must say what a new one is to it', () => {
  const folder = mkdtempSync(join(tmpdir(), 'aep-event-'));
  try {
    cpSync(join(ROOT, 'src'), join(folder, 'src'), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
    cpSync(join(ROOT, 'package.json'), join(folder, 'package.json'));
    cpSync(join(ROOT, 'tsconfig.json'), join(folder, 'base.json'));
    writeFileSync(
      join(folder, 'tsconfig.json'),
      JSON.stringify({ extends: './base.json', include: [], files: CONSUMERS }),
    );
    const events = join(folder, 'src/core/events.ts');
    const text = readFileSync(events, 'utf8');
    const more = text.replace('export type ProxyEvent =', "$& | (Base & { readonly type: 'brand.new' })");
    expect(more).not.toBe(text);
    writeFileSync(events, more);
    const { stdout } = spawnSync(
      process.execPath,
      [join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', folder, '--pretty', 'false'],
      { cwd: folder, encoding: 'utf8' },
    );
    const flawed = [...stdout.matchAll(/^(\S+)\(\d+,\d+\): error/gm)].map(([, file]) => file);
    expect([...new Set(flawed)].sort()).toEqual(CONSUMERS);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}, 30_000);
