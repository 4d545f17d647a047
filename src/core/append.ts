/** Appends to a list that is mostly not wanted, and so is made with its first element. */
export function append<One>(list: One[] | undefined, one: One): One[] {
  if (list === undefined) return [one];
  list.push(one);
  return list;
}
