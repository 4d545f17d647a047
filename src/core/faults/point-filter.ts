/** A stream fault that happens at one point between (or within) two events: error, cut, stall, early stop. */
import type { StreamFilter, StreamOp } from '../effect.ts';
import type { SseEvent } from '../sse/event.ts';
import type { PlaceWatch } from './place-watch.ts';

/** Forwards an event as it came. */
export function pass(event: SseEvent): readonly StreamOp[] {
  return [{ op: 'emit', event }];
}

/** Forwards what a stream left unfinished. */
export function passRest(rest: Uint8Array): readonly StreamOp[] {
  return rest.length === 0 ? [] : [{ op: 'bytes', bytes: rest }];
}

/** What a point fault does. `applied` and an `end`, if any, are among the operations. */
export type Act = (now: number) => readonly StreamOp[];

export interface PointOptions {
  /**
   * Where a place by bytes falls into a frame: `split` it there, as a network would (default: act behind the frame).
   * `half`: whatever the place, act in the middle of the frame that follows it.
   */
  readonly frame?: 'split' | 'half';
}

/** Passes events up to the point, acts once, and passes the rest unless the act ended the answer. */
export class PointFilter implements StreamFilter {
  readonly #watch: PlaceWatch;
  readonly #act: Act;
  readonly #frame: PointOptions['frame'];
  #acted = false;
  #ended = false;

  constructor(watch: PlaceWatch, act: Act, options: PointOptions = {}) {
    this.#watch = watch;
    this.#act = act;
    this.#frame = options.frame;
  }

  onEvent(event: SseEvent, now: number): readonly StreamOp[] {
    if (this.#ended) return [];
    if (this.#acted) return pass(event);
    if (this.#frame === 'half') {
      return this.#watch.reached(event, now) ? this.#within(event, event.raw.length >> 1, now) : pass(event);
    }
    const hit = this.#watch.see(event, now);
    if (hit === undefined) return pass(event);
    if (hit.side === 'before') return this.#within(event, 0, now);
    const split = this.#frame === 'split' ? hit.split : undefined;
    return this.#within(event, split ?? event.raw.length, now);
  }

  spare(now: number, bytes: number): number {
    if (this.#acted) return this.#ended ? 0 : Number.POSITIVE_INFINITY;
    return this.#watch.spare(now, bytes);
  }

  passedOver(deltas: number, bytes: number): void {
    if (!this.#acted) this.#watch.passedOver(deltas, bytes);
  }

  onEnd(rest: Uint8Array): readonly StreamOp[] {
    return this.#ended ? [] : passRest(rest);
  }

  due(): number | undefined {
    return this.#frame === 'half' ? undefined : this.#watch.due();
  }

  onTime(now: number): readonly StreamOp[] {
    return this.#watch.isTime(now) ? this.#perform(now) : [];
  }

  skipped(): string | undefined {
    if (this.#acted) return undefined;
    return this.#watch.found ? 'no event follows the place' : this.#watch.missed();
  }

  /** Acts with `split` bytes of the event before, and the others behind. */
  #within(event: SseEvent, split: number, now: number): readonly StreamOp[] {
    return [{ op: 'emit', event, acts: [{ at: split, ops: this.#perform(now) }] }];
  }

  #perform(now: number): readonly StreamOp[] {
    this.#acted = true;
    const ops = this.#act(now);
    this.#ended = ops.some((each) => each.op === 'end');
    return ops;
  }
}
