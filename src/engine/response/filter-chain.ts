/** Runs events through the stream filters of one call, in the rule's order, down to what goes on the wire. */
import type { AnswerFacts, FilterEffect, PlacedAct, StreamFilter, StreamOp } from '../../core/effect.ts';
import type { PlannedFault } from '../../core/rules/decision.ts';
import type { SseEvent } from '../../core/sse/event.ts';
import type { PlannedEffect } from '../plan/effect-sorter.ts';

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

  constructor(filters: readonly PlannedEffect<FilterEffect>[], answer: AnswerFacts) {
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
    const acts = this.#links.flatMap(({ filter }, index): Act[] => {
      const due = filter.due?.();
      return due !== undefined && due <= now && filter.onTime
        ? [{ index, at: 0, ops: filter.onTime(now) }]
        : [];
    });
    this.#actAll(acts, now, out);
    return out;
  }

  /** Faults that did nothing, each with its reason. */
  skipped(): { fault: PlannedFault; reason: string }[] {
    return this.#links.flatMap(({ fault, filter }) => {
      const reason = filter.skipped();
      return reason === undefined ? [] : [{ fault, reason }];
    });
  }

  /** @param acts what filters before do at points of the event */
  #through(index: number, event: SseEvent, now: number, out: WireOp[], acts: readonly Act[] = NO_ACTS): void {
    const link = this.#links[index];
    if (!link) {
      if (acts.length > 0) this.#write(event, acts, now, out);
      else out.push({ op: 'bytes', bytes: event.raw });
      return;
    }
    const ops = link.filter.onEvent(event, now);
    if (acts.length === 0) this.#perform(index, ops, now, out);
    else this.#performAmong(acts, index, event, ops, now, out);
  }

  /** Acts go with their event as long as filters pass it on; around what a filter makes of it otherwise. */
  #performAmong(
    acts: readonly Act[],
    index: number,
    event: SseEvent,
    ops: readonly StreamOp[],
    now: number,
    out: WireOp[],
  ): void {
    const at = ops.findIndex((op) => op.op === 'emit' && op.event === event);
    const passed = ops[at];
    if (passed?.op === 'emit') {
      this.#perform(index, ops.slice(0, at), now, out);
      this.#through(index + 1, event, now, out, [...acts, ...placed(passed, index)]);
      this.#perform(index, ops.slice(at + 1), now, out);
      return;
    }
    const before = acts.filter((act) => act.at <= 0);
    if (this.#actAll(before, now, out)) return;
    this.#perform(index, ops, now, out);
    this.#actAll(
      acts.filter((act) => act.at > 0),
      now,
      out,
    );
  }

  /** An event on its way out, with what is done at points of it. */
  #write({ raw }: SseEvent, acts: readonly Act[], now: number, out: WireOp[]): void {
    let from = 0;
    for (const act of [...acts].sort(byPlace)) {
      const to = Math.min(act.at, raw.length);
      if (to > from) out.push({ op: 'bytes', bytes: raw.subarray(from, to) });
      from = Math.max(from, to);
      if (this.#act(act, now, out)) return;
    }
    if (from < raw.length) out.push({ op: 'bytes', bytes: raw.subarray(from) });
  }

  /** @returns true when one of them ended the answer */
  #actAll(acts: readonly Act[], now: number, out: WireOp[]): boolean {
    return [...acts].sort(byPlace).some((act) => this.#act(act, now, out));
  }

  /** @returns true when it ended the answer: what is behind it is not reached */
  #act({ index, ops }: Act, now: number, out: WireOp[]): boolean {
    this.#perform(index, ops, now, out);
    return ops.some(({ op }) => op === 'end');
  }

  #perform(index: number, ops: readonly StreamOp[], now: number, out: WireOp[]): void {
    for (const op of ops) {
      if (op.op === 'emit') this.#through(index + 1, op.event, now, out, placed(op, index));
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

/** An act, and the filter whose it is. */
interface Act extends PlacedAct {
  readonly index: number;
}

const NO_ACTS: readonly Act[] = Object.freeze([]);

function placed({ acts }: Extract<StreamOp, { op: 'emit' }>, index: number): readonly Act[] {
  return acts === undefined ? NO_ACTS : acts.map((act) => ({ ...act, index }));
}

/** By place; at one place waits come before ends, and else the rule's order holds. Silence for ever is a wait. */
function byPlace(one: Act, other: Act): number {
  return one.at - other.at || Number(endsAnswer(one)) - Number(endsAnswer(other)) || one.index - other.index;
}

function endsAnswer({ ops }: Act): boolean {
  return ops.some((op) => op.op === 'end' && op.how !== 'hang');
}
