/** Which folders of the engine import which, read off its files. */
import { join, relative, sep } from 'node:path';
import { filesIn, importsOf, SRC } from '../../../test/architecture/imports.ts';

/** In place of a folder: the files above all folders. */
export const ABOVE = 'engine.ts';

export interface EngineArrows {
  /** All that a folder looks at, in no order. */
  readonly all: ReadonlyMap<string, readonly string[]>;
  /** Of these, what it knows as types alone. */
  readonly types: ReadonlyMap<string, readonly string[]>;
}

/** Folder of a file of the engine; undefined for others. */
export function engineFolder(path: string): string | undefined {
  const [room, folder, file] = relative(SRC, path).split(sep);
  if (room !== 'engine') return undefined;
  return file === undefined ? ABOVE : folder;
}

export function engineArrows(): EngineArrows {
  const all = new Map<string, Set<string>>();
  const values = new Map<string, Set<string>>();
  const add = (arrows: Map<string, Set<string>>, from: string, to: string): void => {
    arrows.set(from, (arrows.get(from) ?? new Set()).add(to));
  };
  for (const file of filesIn(join(SRC, 'engine'))) {
    const from = engineFolder(file)!;
    for (const { target, typeOnly } of importsOf(file)) {
      const to = target === undefined ? undefined : engineFolder(target);
      if (to === undefined || to === from) continue;
      add(all, from, to);
      if (!typeOnly) add(values, from, to);
    }
  }
  const lists = [...all].map(([from, to]) => [from, [...to]] as const);
  return {
    all: new Map(lists),
    types: new Map(lists.map(([from, to]) => [from, to.filter((one) => !values.get(from)?.has(one))])),
  };
}
