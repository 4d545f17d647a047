/** Finds circles among files that import each other. */

/**
 * @param arrows which files each file imports
 * @returns the files of each circle, sorted: a set in which each reaches each other one (Tarjan's strongly connected parts)
 */
export function circles(arrows: ReadonlyMap<string, readonly string[]>): readonly (readonly string[])[] {
  const order = new Map<string, number>();
  const lowest = new Map<string, number>();
  const open: string[] = [];
  const found: string[][] = [];
  const visit = (file: string): void => {
    order.set(file, order.size);
    lowest.set(file, order.get(file)!);
    open.push(file);
    for (const next of arrows.get(file) ?? []) {
      if (!order.has(next)) visit(next);
      if (open.includes(next)) lowest.set(file, Math.min(lowest.get(file)!, lowest.get(next)!));
    }
    if (lowest.get(file) !== order.get(file)) return;
    const part = open.splice(open.indexOf(file));
    if (part.length > 1 || arrows.get(file)?.includes(file)) found.push(part.sort());
  };
  for (const file of arrows.keys()) if (!order.has(file)) visit(file);
  return found;
}
