/** IP literals, told strictly: one spelling per address, so that two of them can be compared as text. */

/** Canonical text of an IPv4 or IPv6 literal (RFC 5952, no brackets); undefined when it is neither. */
export function canonicalIp(text: string): string | undefined {
  if (isIpv4(text)) return text;
  const groups = ipv6Groups(text);
  return groups === undefined ? undefined : formatIpv6(groups);
}

/** Four decimal numbers of 0–255 without leading zeros. */
export function isIpv4(text: string): boolean {
  const parts = text.split('.');
  return (
    parts.length === 4 && parts.every((part) => /^(?:0|[1-9][0-9]{0,2})$/.test(part) && Number(part) < 256)
  );
}

/** Eight 16-bit groups; undefined for anything malformed, zone ids included. */
function ipv6Groups(text: string): number[] | undefined {
  const halves = text.split('::');
  if (halves.length > 2 || !text.includes(':')) return undefined;
  const front = sideGroups(halves[0]!, halves.length === 1);
  if (front === undefined) return undefined;
  if (halves.length === 1) return front.length === 8 ? front : undefined;
  const back = sideGroups(halves[1]!, true);
  if (back === undefined || front.length + back.length > 7) return undefined;
  return [...front, ...new Array<number>(8 - front.length - back.length).fill(0), ...back];
}

/** Groups of one side of `::`; only the last side may end in a dotted quad. */
function sideGroups(side: string, last: boolean): number[] | undefined {
  if (side === '') return [];
  const parts = side.split(':');
  const groups: number[] = [];
  for (const [i, part] of parts.entries()) {
    if (/^[0-9A-Fa-f]{1,4}$/.test(part)) groups.push(Number.parseInt(part, 16));
    else if (last && i === parts.length - 1 && isIpv4(part)) {
      const [a, b, c, d] = part.split('.').map(Number) as [number, number, number, number];
      groups.push(a * 256 + b, c * 256 + d);
    } else return undefined;
  }
  return groups;
}

/** Lower case, the longest run of two or more zero groups as `::`. */
function formatIpv6(groups: readonly number[]): string {
  let best = -1;
  let bestLength = 1;
  for (let i = 0; i < 8; i++) {
    let length = 0;
    while (i + length < 8 && groups[i + length] === 0) length++;
    if (length > bestLength) {
      best = i;
      bestLength = length;
    }
  }
  const hex = groups.map((group) => group.toString(16));
  if (best < 0) return hex.join(':');
  return `${hex.slice(0, best).join(':')}::${hex.slice(best + bestLength).join(':')}`;
}
