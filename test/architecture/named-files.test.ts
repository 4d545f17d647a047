/** A comment or a page about the code that names a file names one that is there, and explains itself. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { allFilesIn, ROOT } from './imports.ts';
import { unknownFiles } from './named-files.ts';

/** What stands in the comments of TypeScript; texts that look like one are read as well. */
const COMMENT = /\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*/gm;

/** Documents that we do not have: agreements known by a number alone tell a reader nothing. */
const BY_NUMBER = /\bruling \d+/gi;

const PAGES = [
  'docs/architecture.md',
  'CONTRIBUTING.md',
  ...readdirSync(join(ROOT, 'docs/decisions')).map((name) => `docs/decisions/${name}`),
];

/** What is made, and not there before. */
const MADE = new Set(['bench/results']);

function commentsOf(file: string): string {
  return (readFileSync(file, 'utf8').match(COMMENT) ?? []).join('\n');
}

describe('unknown files', () => {
  it('are told, however they are written', () => {
    expect(
      unknownFiles('`engine/injector.ts` and testing/fake-clock.ts, (`gone.ts`) in `core/gone/`'),
    ).toEqual(['engine/injector.ts', 'testing/fake-clock.ts', 'gone.ts', 'core/gone']);
    expect(
      unknownFiles('`call.ts`, engine/call/call.ts, ./imports.ts, `core/faults/`, docs/architecture.md'),
    ).toEqual([]);
    expect(unknownFiles('https://example.com/a/b.md, `test/**/x.ts`, `<name>/server.ts`')).toEqual([]);
  });
});

describe('the comments of the code', () => {
  const comments = ['src', 'test', 'scripts', 'bench']
    .flatMap((folder) => allFilesIn(join(ROOT, folder)))
    .filter((file) => !file.endsWith('named-files.test.ts'))
    .map((file) => ({ file: relative(ROOT, file), text: commentsOf(file) }));

  it('name files that are there', () => {
    const wrong = comments.flatMap(({ file, text }) =>
      unknownFiles(text)
        .filter((name) => !MADE.has(name))
        .map((name) => `${file} names ${name}`),
    );
    expect(wrong).toEqual([]);
  });

  it('do not lean on agreements known by a number', () => {
    const wrong = comments.flatMap(({ file, text }) =>
      (text.match(BY_NUMBER) ?? []).map((words) => `${file}: ${words}`),
    );
    expect(wrong).toEqual([]);
  });
});

describe('the pages about the code', () => {
  it.each(PAGES)('%s names files that are there', (page) => {
    expect(unknownFiles(readFileSync(join(ROOT, page), 'utf8'))).toEqual([]);
  });
});
