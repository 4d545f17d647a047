/** What docs/architecture.md generates: the drawing, and tables whose files and words are there. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { GATES } from '../../bench/gates.ts';
import { withPart } from '../../scripts/docs/architecture/document.ts';
import { ABOVE, engineArrows } from '../../scripts/docs/architecture/engine-arrows.ts';
import { ENGINE_FOLDERS } from '../../scripts/docs/architecture/engine-folders.ts';
import { direct, folderDiagram } from '../../scripts/docs/architecture/folder-diagram.ts';
import { EVENT_LOG, TRICKS } from '../../scripts/docs/architecture/skip-these.ts';
import { PLACES } from '../../scripts/docs/architecture/where-is-what.ts';
import { ROOT } from './imports.ts';

const arrows = (of: Record<string, string[]>): Map<string, string[]> => new Map(Object.entries(of));

describe('the drawing', () => {
  it('leaves out what follows', () => {
    const of = arrows({ a: ['b', 'c', 'd'], b: ['c'], c: ['d'] });
    expect([...direct(of)]).toEqual([
      ['a', ['b']],
      ['b', ['c']],
      ['c', ['d']],
    ]);
    const diamond = arrows({ a: ['b', 'c', 'd'], b: ['d'], c: ['d'] });
    expect(direct(diamond).get('a')).toEqual(['b', 'c']);
  });

  it('leads from whoever imports down to what it imports', () => {
    expect(folderDiagram(['a', 'b', 'c', 'd'], arrows({ a: ['b', 'c'], b: ['d'], c: ['d'] }))).toBe(
      [
        'a', //
        '  └───┐',
        'b ◄───┤',
        '  └───│──┐',
        'c ◄───┘  │',
        '  └───┐  │',
        'd ◄───┴──┘',
      ].join('\n'),
    );
  });

  it('is of what the engine’s files import', () => {
    const { all, types } = engineArrows();
    expect([...all.keys()].sort()).toEqual(
      [ABOVE, ...ENGINE_FOLDERS.map(({ name }) => name)].filter((name) => name !== 'transport').sort(),
    );
    expect(all.get('upstream')).toEqual(['transport']);
    expect(types.get('plan')).toEqual(['transport']);
  });
});

it('a part of the page is replaced, and no other', () => {
  const page = 'a\n<!-- npm run docs: x -->\nold\n<!-- end: x -->\nb\n';
  expect(withPart(page, 'x', 'new')).toBe(page.replace('old', 'new'));
  expect(() => withPart(page, 'y', '')).toThrow('no part "y"');
  expect(() => withPart(page + page, 'x', '')).toThrow('or several');
});

describe('where is what', () => {
  it.each(PLACES)('$question', ({ file, word }) => {
    const text = readFileSync(join(ROOT, file), 'utf8');
    // As it is written: a definition or a use in code, no part of a longer name.
    expect(text).toMatch(new RegExp(`(?<![\\w#])${word}(?!\\w)`));
  });
});

describe('skip these', () => {
  it.each(TRICKS)('$file is there, and serves a gate', ({ file, gate }) => {
    expect(existsSync(join(ROOT, file))).toBe(true);
    expect([...GATES.map(({ row }) => row), EVENT_LOG]).toContain(gate);
  });
});
