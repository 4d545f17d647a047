/** Faults that one call cannot have at once: what the one fixed order of effects could not honour. */
import type { Effect } from '../effect.ts';
import { clash } from '../effect-order.ts';

/** Effects that the faults of one call have planned, with who planned them. */
export interface Planned {
  readonly kind: string;
  readonly effects: readonly Effect[];
}

/** Why `second` cannot be carried out together with `first`; undefined when it can. */
export function conflictOf(first: Planned, second: Planned): string | undefined {
  for (const a of first.effects) {
    for (const b of second.effects) {
      const reason = clash(a, b);
      if (reason !== undefined) return `${second.kind} cannot act together with ${first.kind}: ${reason}`;
    }
  }
  return undefined;
}
