/** The document says what was seen, and can be read back. */
import { expect, it } from 'vitest';
import { type Cells, cellName, readCells, readVersions, renderDocument } from './document.ts';
import { cellsOf } from './matrix.ts';
import { tables } from './tables.ts';

const names = tables.flatMap(cellsOf).map(cellName);
const cells: Cells = new Map(names.map((name, index) => [name, `words \\| ${index} · 1`]));
const versions = { 'a-client': '1.2.3', 'b client': '4.5.6' };

it('has a name of its own for every cell', () => {
  expect(new Set(names).size).toBe(names.length);
});

it('reads back every cell and version that it wrote', () => {
  const text = renderDocument(cells, versions);
  expect(readCells(text)).toEqual(cells);
  expect(readVersions(text)).toEqual(versions);
});

it('does not find a row under another name', () => {
  const [first] = names;
  const text = renderDocument(cells, versions).replace('| nothing |', '| something |');
  expect(readCells(text).has(first!)).toBe(false);
  expect(readCells(text).size).toBe(names.length - tables[0]!.clients.length);
});
