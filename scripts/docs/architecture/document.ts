/** The generated parts of docs/architecture.md; what stands between them is written by hand. */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { table } from '../markdown.ts';
import { ABOVE, engineArrows } from './engine-arrows.ts';
import { ENGINE_FOLDERS } from './engine-folders.ts';
import { direct, folderDiagram } from './folder-diagram.ts';
import { ROOMS } from './rooms.ts';
import { TRICKS } from './skip-these.ts';
import { PLACES } from './where-is-what.ts';

const FILE = 'docs/architecture.md';

const PARTS: Readonly<Record<string, () => string>> = { rooms, engine, places, tricks };

/** The whole page, its generated parts made anew. Its text is read from where it is: npm runs this in the package's root. */
export function architectureDocument(): string {
  let page = readFileSync(FILE, 'utf8');
  for (const [name, make] of Object.entries(PARTS)) page = withPart(page, name, make());
  return page;
}

/**
 * The page with what stands between the marks of that part replaced.
 *
 * @throws where the page has no such marks, or several
 */
export function withPart(page: string, name: string, text: string): string {
  const [begin, end] = [`<!-- npm run docs: ${name} -->\n`, `\n<!-- end: ${name} -->`];
  const [before, ...rest] = page.split(begin);
  const [, after, ...more] = rest.join(begin).split(end);
  if (rest.length !== 1 || after === undefined || more.length > 0)
    throw new Error(`${FILE} has no part "${name}", or several`);
  return `${before}${begin}${text}${end}${after}`;
}

function rooms(): string {
  return table(
    ['room', 'what it holds', 'may import'],
    Object.entries(ROOMS).map(([name, { holds, imports }]) => [
      `\`${name}/\``,
      holds,
      imports.filter((one) => one !== 'node' && one !== 'package.json').join(', '),
    ]),
  );
}

function engine(): string {
  const { all, types } = engineArrows();
  const order = [ABOVE, ...ENGINE_FOLDERS.map(({ name }) => name)];
  const inOrder = (names: readonly string[] = []): readonly string[] =>
    [...names].sort((a, b) => order.indexOf(a) - order.indexOf(b));
  return [
    '```',
    folderDiagram(order, direct(all)),
    '```',
    '',
    'Left out are arrows that follow from others. All of them, those in italics by types alone:',
    '',
    table(
      ['folder', 'what happens there', 'looks at'],
      ENGINE_FOLDERS.map(({ name, holds }) => [
        `\`${name}/\``,
        holds,
        inOrder(all.get(name))
          .map((to) => (types.get(name)?.includes(to) ? `*${to}*` : to))
          .join(', '),
      ]),
    ),
  ].join('\n');
}

function places(): string {
  return table(
    ['question', 'file', 'look for'],
    PLACES.map(({ question, file, word }) => [question, link(file), `\`${word}\``]),
  );
}

function tricks(): string {
  return table(
    ['file', 'what it spares', 'gate'],
    TRICKS.map(({ file, spares, gate }) => [link(file), spares, gate]),
  );
}

function link(file: string): string {
  return `[\`${basename(file)}\`](../${file})`;
}
