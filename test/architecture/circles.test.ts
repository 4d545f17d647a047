/** No file imports itself by way of others, types included: what goes round cannot be read, tested or changed alone. */
import { join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { circles } from './circles.ts';
import { filesIn, importsOf, ROOT, SRC } from './imports.ts';

describe('circles', () => {
  it('are found, also through others and of one file', () => {
    const arrows = new Map([
      ['a', ['b']],
      ['b', ['c', 'd']],
      ['c', ['a']],
      ['d', ['e']],
      ['e', []],
      ['f', ['f']],
      ['g', ['a', 'e']],
    ]);
    expect(circles(arrows)).toEqual([['a', 'b', 'c'], ['f']]);
  });

  it('are nowhere in the project', () => {
    const files = [SRC, join(ROOT, 'test'), join(ROOT, 'bench')].flatMap(filesIn);
    const arrows = new Map(
      files.map((file) => [file, importsOf(file).flatMap(({ target }) => (target ? [target] : []))]),
    );
    expect(circles(arrows).map((circle) => circle.map((file) => relative(ROOT, file)))).toEqual([]);
  });
});
