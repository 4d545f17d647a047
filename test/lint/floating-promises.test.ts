/** The linter must see every promise that nobody waits for. These are seeded, and each must be caught. */
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../..');

const LIBRARY = `export async function work(): Promise<number> { return 1; }
export class Box { async run(): Promise<void> {} get later(): Promise<number> { return Promise.resolve(1); } }
export const table: Record<string, () => Promise<void>> = {};
export function generic<T>(f: () => T): T { return f(); }
`;

/** Each line marked with the rule that must name it. */
const SEEDED = `import { Box, generic, table, work } from './library.ts';
export function cases(list: number[], emitter: { on(name: string, f: () => void): void }, flag: boolean): void {
  work(); // noFloatingPromises
  new Box().run(); // noFloatingPromises
  table.a?.(); // noFloatingPromises
  generic(() => work()); // noFloatingPromises
  flag ? work() : 0; // noFloatingPromises
  flag && work(); // noFloatingPromises
  work().then(() => 1); // noFloatingPromises
  Promise.all([work()]); // noFloatingPromises
  new Box().later; // noFloatingPromises
  list.forEach(async (n) => { await work(); void n; }); // noMisusedPromises
  emitter.on('x', async () => { await work(); }); // noMisusedPromises
  if (work()) list.pop(); // noMisusedPromises
  (async () => { await work(); })(); // noFloatingPromises
  list.map((n) => work().then(() => n)); // noFloatingPromises
}
`;

it('the linter catches every seeded floating or misused promise', () => {
  const folder = mkdtempSync(join(tmpdir(), 'aep-lint-'));
  try {
    cpSync(join(ROOT, 'biome.json'), join(folder, 'biome.json'));
    execFileSync('git', ['init', '-q'], { cwd: folder });
    writeFileSync(join(folder, '.gitignore'), '');
    writeFileSync(join(folder, 'library.ts'), LIBRARY);
    writeFileSync(join(folder, 'seeded.ts'), SEEDED);
    const biome = join(ROOT, 'node_modules', '@biomejs', 'biome', 'bin', 'biome');
    const { stdout, stderr } = spawnSync(
      process.execPath,
      [biome, 'lint', '--max-diagnostics=200', 'seeded.ts'],
      {
        cwd: folder,
        encoding: 'utf8',
      },
    );
    const caught = [...`${stdout}${stderr}`.matchAll(/seeded\.ts:(\d+):\d+ lint\/nursery\/(\w+)/g)].map(
      ([, line, rule]) => `${line} ${rule}`,
    );
    const wanted = SEEDED.split('\n').flatMap((line, index) => {
      const rule = / \/\/ (no\w+)$/.exec(line)?.[1];
      return rule ? [`${index + 1} ${rule}`] : [];
    });
    expect(wanted.length).toBeGreaterThan(12);
    expect(new Set(caught)).toEqual(new Set(wanted));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
