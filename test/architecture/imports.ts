/** The imports of the source files, as they are written. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';

/** All that runs this runs in the package's root; the pages in docs/ are made by a bundle of it, which lies elsewhere. */
export const ROOT = process.cwd();
export const SRC = join(ROOT, 'src');

export interface Import {
  readonly file: string;
  readonly room: string;
  readonly from: string;
  readonly specifier: string;
  /** The file that is meant, if it is one of the project's. */
  readonly target: string | undefined;
  readonly lazy: boolean;
  readonly typeOnly: boolean;
}

/** All TypeScript below a folder, but tests. */
export function filesIn(folder: string): string[] {
  return allFilesIn(folder).filter((name) => !name.endsWith('.test.ts'));
}

/** All TypeScript below a folder, but what is built. */
export function allFilesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !/(^|[\\/])results[\\/]/.test(name))
    .map((name) => join(folder, name));
}

export function roomOf(path: string): string {
  const [first = '', second] = relative(SRC, path).split(sep);
  return second === undefined ? 'index' : first;
}

export function importsOf(file: string): Import[] {
  const text = readFileSync(file, 'utf8');
  const found = text.matchAll(
    /^(?:import|export)\s(type\s)?[^;]*?from '([^']+)'|^import '([^']+)'|\bimport\('([^']+)'\)/gm,
  );
  return [...found].map((match) => {
    const specifier = match[2] ?? match[3] ?? match[4] ?? '';
    const target = specifier.startsWith('.') ? resolve(dirname(file), specifier) : undefined;
    const from = specifier.endsWith('/package.json')
      ? 'package.json'
      : target
        ? roomOf(target)
        : specifier.startsWith('node:')
          ? 'node'
          : specifier.replace(/^(@[^/]+\/[^/]+|[^@/][^/]*)\/.*$/, '$1');
    return {
      file: relative(SRC, file),
      room: roomOf(file),
      from,
      specifier,
      target,
      lazy: match[4] !== undefined,
      typeOnly: match[1] !== undefined,
    };
  });
}
