/** Observes cells, and those that are not as the document says once more, in a quieter run, before they count. */
import { type Cells, cellName } from './document.ts';
import type { Cell, Matrix } from './matrix.ts';

/** So many are observed the second time, which is a matter of seconds unless everything changed. */
const AT_A_TIME = 3;

/** What waits and ends side by side may, on a busy machine, be taken for another category. */
export async function settle(matrix: Matrix, cells: readonly Cell[], written: Cells): Promise<Cells> {
  const first = await matrix.run(cells);
  const seen = new Map(cells.map((cell, index) => [cellName(cell), first[index]!]));
  const doubtful = cells.filter((cell) => {
    const words = written.get(cellName(cell));
    return words !== undefined && words !== seen.get(cellName(cell));
  });
  const second = await matrix.run(doubtful, AT_A_TIME);
  for (const [index, cell] of doubtful.entries()) seen.set(cellName(cell), second[index]!);
  return seen;
}
