/** A few rows of `docs/client-behaviour.md` with the JavaScript clients. CI checks all of it (`whole-matrix.spec.ts`). */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isPython } from './clients.ts';
import { type Cells, cellName, DOCUMENT, readCells } from './document.ts';
import { type Cell, cellsOf, Matrix } from './matrix.ts';
import { settle } from './settle.ts';
import { tables } from './tables.ts';

/** None of them has to wait for anything. */
const ROWS = [
  'error mid-text',
  'clean end mid-text',
  'no message_stop',
  'reset mid-text',
  'broken JSON in data',
  'unknown event',
  'message_start twice',
  'error envelope with status 200',
  'HTML page with status 200',
  '400 once',
  '422 once',
];
const cells: readonly Cell[] = tables
  .flatMap(cellsOf)
  .filter(({ stimulus, client }) => ROWS.includes(stimulus.title) && !isPython(client.program));
const written = readCells(readFileSync(DOCUMENT, 'utf8'));
const matrix = new Matrix();
let seen: Cells;

beforeAll(async () => {
  seen = await settle(matrix, cells, written);
}, 60_000);
afterAll(() => matrix.stop());

describe('JavaScript clients do as docs/client-behaviour.md says', () => {
  it.each(cells.map(cellName))('%s', (name) => {
    expect(written.has(name)).toBe(true);
    expect(seen.get(name)).toBe(written.get(name));
  });
});
