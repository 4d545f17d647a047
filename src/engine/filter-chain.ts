/** Runs events through the stream filters of one exchange, in the rule's order, down to what goes on the wire. */
import type { AnswerFacts, FilterEffect, StreamFilter, StreamOp } from '../core/effect.ts';
import type { PlannedFault } from '../core/rules/decision.ts';
import type { SseEvent } from '../core/sse/event.ts';
import type { Of } from './effects.ts';

/** What is left of the filters' operations once events have become bytes. */
export type WireOp =
  | { readonly op: 'bytes'; readonly bytes: Uint8Array }
  /** Chunks of the upstream's, framing and all. */
  | { readonly op: 'chunks'; readonly bytes: Buffer }
  | Extract<StreamOp, { op: 'wait' | 'end' }>
  | { readonly op: 'applied'; readonly fault: PlannedFault; readonly note: string };

interface Link {
  readonly fault: PlannedFault;
  readonly filter: StreamFilter;
}

const NOTHING = new Uint8Array(0);

export class FilterChain {
  readonly #links: readonly Link[];
  /** No filter wants to see every event. */
  readonly #sparing: boolean;

  constructor(filters: readonly Of<FilterEffect>[], answer: AnswerFacts) {
    this.#links = filters.map(({ effect, fault }) => ({ fault, filter: effect.open(answer) }));
    this.#sparing = this.#links.every(({ filter }) => filter.spare && filter.passedOver);
  }

  /**
   * @param now milliseconds since the answer's head was sent
   * @param out takes what becomes of the event
   */
  event(event: SseEvent, now: number, out: WireOp[]): void {
    this.#through(0, event, now, out);
  }

  /** As `StreamFilter.spare`, for all filters. */
  spare(now: number, bytes: number): number {
    if (!this.#sparing) return 0;
    let least = Number.POSITIVE_INFINITY;
    for (const { filter } of this.#links) least = Math.min(least, filter.spare!(now, bytes));
    return least;
  }

  /** So many deltas went by unseen, as {@link spare} allowed. */
  passedOver(deltas: number, bytes: number): void {
    for (const { filter } of this.#links) filter.passedOver!(deltas, bytes);
  }

  /** The stream ended; `rest` is an unfinished frame. */
  end(rest: Uint8Array, now: number): WireOp[] {
    const out: WireOp[] = [];
    this.#links.forEach(({ filter }, index) => {
      this.#perform(index, filter.onEnd(index === 0 ? rest : NOTHING, now), now, out);
    });
    return out;
  }

  /** The earliest moment that some filter waits for. */
  due(): number | undefined {
    let earliest: number | undefined;
    for (const { filter } of this.#links) {
      const due = filter.due?.();
      if (due !== undefined && (earliest === undefined || due < earliest)) earliest = due;
    }
    return earliest;
  }

  time(now: number): WireOp[] {
    const out: WireOp[] = [];
    this.#links.forEach(({ filter }, index) => {
      const due = filter.due?.();
      if (due !== undefined && due <= now && filter.onTime)
        this.#perform(index, filter.onTime(now), now, out);
    });
    return out;
  }

  /** Faults that did nothing, each with its reason. */
  skipped(): { fault: PlannedFault; reason: string }[] {
    return this.#links.flatMap(({ fault, filter }) => {
      const reason = filter.skipped();
      return reason === undefined ? [] : [{ fault, reason }];
    });
  }

  #through(index: number, event: SseEvent, now: number, out: WireOp[]): void {
    const link = this.#links[index];
    if (link) this.#perform(index, link.filter.onEvent(event, now), now, out);
    else out.push({ op: 'bytes', bytes: event.raw });
  }

  #perform(index: number, ops: readonly StreamOp[], now: number, out: WireOp[]): void {
    for (const op of ops) {
      if (op.op === 'emit') this.#through(index + 1, op.event, now, out);
      else if (op.op === 'end') {
        // What later filters hold came before this end: it goes out first.
        for (let later = index + 1; later < this.#links.length; later += 1)
          this.#perform(later, this.#links[later]?.filter.onEnd(NOTHING, now) ?? [], now, out);
        out.push(op);
      } else if (op.op === 'applied')
        out.push({ op: 'applied', fault: (this.#links[index] as Link).fault, note: op.note });
      else out.push(op);
    }
  }
}
