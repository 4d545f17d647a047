/** Every client meets every stimulus, and `docs/client-behaviour.md` says what happens. `AEP_WRITE=1` writes it. */
import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Cells, cellName, DOCUMENT, readCells, readVersions, renderDocument } from './document.ts';
import { cellsOf, Matrix } from './matrix.ts';
import { settle } from './settle.ts';
import { tables } from './tables.ts';

const matrix = new Matrix();
let written: string;
let cells: Cells;

beforeAll(async () => {
  written = readFileSync(DOCUMENT, 'utf8');
  cells = await settle(matrix, tables.flatMap(cellsOf), readCells(written));
  if (process.env.AEP_WRITE === '1') {
    written = renderDocument(cells, await matrix.versions());
    writeFileSync(DOCUMENT, written);
  }
});
afterAll(() => matrix.stop());

describe.each(tables)('$title', (table) => {
  it.each(table.stimuli)('$title', (stimulus) => {
    const row = table.clients.map((client) => cellName({ table, stimulus, client }));
    const document = readCells(written);
    expect(row.map((name) => [name, cells.get(name)])).toEqual(row.map((name) => [name, document.get(name)]));
  });
});

it('names the versions that ran', async () => {
  expect(await matrix.versions()).toEqual(readVersions(written));
});

it('is the document, word for word', async () => {
  expect(renderDocument(cells, await matrix.versions())).toBe(written);
});
