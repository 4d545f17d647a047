/** Draws folders one below the other, with their arrows at the right: each leads down from whoever imports to what it imports. */

/** Columns from one arrow's line to the next. */
const STEP = 3;

interface Lane {
  readonly from: number;
  readonly to: readonly number[];
  readonly last: number;
  column: number;
}

/**
 * @param names from the top down
 * @param arrows where each leads; only down, and such as {@link direct} leaves
 */
export function folderDiagram(
  names: readonly string[],
  arrows: ReadonlyMap<string, readonly string[]>,
): string {
  const width = Math.max(...names.map((name) => name.length)) + 3;
  const lanes = lanesOf(names, arrows);
  const lines = names.flatMap((name, row) => {
    const into = lanes.filter(({ to }) => to.includes(row));
    const first = line(lanes, row, into, (lane, outmost) =>
      lane.last === row ? (outmost ? '┘' : '┴') : outmost ? '┤' : '┼',
    );
    const out = lanes.filter(({ from }) => from === row);
    const second = line(lanes, row, out, () => '┐', true);
    const head = into.length > 0 ? `${name} ◄`.padEnd(width, '─') : name;
    return [
      `${head}${first}`.trimEnd(),
      ...(out.length > 0 ? [`${' '.repeat(2)}└${'─'.repeat(width - 3)}${second}`.trimEnd()] : []),
    ];
  });
  return lines.join('\n');
}

/** One line of all arrows, with a stroke from the left to those that `joined` names. */
function line(
  lanes: readonly Lane[],
  row: number,
  joined: readonly Lane[],
  corner: (lane: Lane, outmost: boolean) => string,
  below = false,
): string {
  const reach = Math.max(-1, ...joined.map(({ column }) => column));
  const columns = Math.max(0, ...lanes.map(({ column }) => column + 1));
  let text = '';
  for (let column = 0; column < columns; column++) {
    const here = joined.find((lane) => lane.column === column);
    const passing = lanes.some(
      (lane) => lane.column === column && lane.from < row && (below ? lane.last > row : lane.last >= row),
    );
    const stroke = column <= reach;
    const bare = passing ? '│' : stroke ? '─' : ' ';
    const mark = here === undefined ? bare : corner(here, column === reach);
    text += (stroke ? '─' : ' ').repeat(STEP - 1) + mark;
  }
  return text;
}

/** One for each folder that imports: it leads down to the lowest, and lies as far left as there is room. */
function lanesOf(names: readonly string[], arrows: ReadonlyMap<string, readonly string[]>): readonly Lane[] {
  const lanes = names
    .map((name, from) => {
      const to = (arrows.get(name) ?? []).map((target) => names.indexOf(target));
      return { from, to, last: Math.max(from, ...to), column: 0 };
    })
    .filter(({ to }) => to.length > 0);
  // Short ones first, so that they lie within the long ones.
  const placed: Lane[] = [];
  for (const lane of lanes.toSorted((a, b) => a.last - a.from - (b.last - b.from))) {
    while (placed.some((one) => one.column === lane.column && one.from < lane.last && lane.from < one.last))
      lane.column++;
    placed.push(lane);
  }
  return lanes;
}

/** Arrows without those that others make by a detour: what is left shows who stands on whom. */
export function direct(
  arrows: ReadonlyMap<string, readonly string[]>,
): ReadonlyMap<string, readonly string[]> {
  const below = (name: string): ReadonlySet<string> => {
    const all = new Set<string>();
    for (const next of arrows.get(name) ?? []) for (const one of [next, ...below(next)]) all.add(one);
    return all;
  };
  return new Map(
    [...arrows].map(([name, to]) => [
      name,
      to.filter((one) => !to.some((other) => other !== one && below(other).has(one))),
    ]),
  );
}
