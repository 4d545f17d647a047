/** Spoils events of a stream: what a broken proxy, a bug or a new API version does to them. */
import { z } from 'zod';
import type { Effect, StreamFilter, StreamOp } from '../effect.ts';
import type { SseEvent } from '../sse/event.ts';
import { defineFault } from './fault.ts';
import { GARBLINGS, type Garbling } from './garble.ts';
import { ONE_PLACE, onePlace, placeShape, readPlace } from './place.ts';
import { PlaceWatch } from './place-watch.ts';
import { pass, passRest } from './point-filter.ts';

const HOWS = [
  'broken-json',
  'broken-utf8',
  'unknown-event',
  'unknown-delta',
  'no-name',
  'wrong-index',
  'duplicate',
  'reorder',
  'drop',
  'glue',
  'crlf',
] as const;

export const streamGarble = defineFault({
  kind: 'stream-garble',
  phase: 'exchange',
  changes: 'body',
  summary: 'Spoil events of a streamed answer: broken JSON, wrong order, missing names.',
  details:
    'Acts on the event that follows the place (or, with `before`, on that event); pings are left alone. ' +
    '`broken-json` cuts the data in half; `broken-utf8` puts a lone lead byte into it; `unknown-event` and ' +
    '`unknown-delta` add an event of a type that no client knows; `no-name` leaves the `event:` line out; ' +
    '`wrong-index` speaks of a block that was never opened; `duplicate` sends the event twice; `reorder` swaps it ' +
    'with the next; `drop` leaves it out; `glue` leaves its blank line out, so that it runs into the next event; ' +
    '`crlf` changes its line ends.',
  params: z
    .strictObject({
      ...placeShape,
      how: z.enum(HOWS).describe('What to do to the event.'),
      count: z
        .int()
        .min(1)
        .optional()
        .describe('How many events to spoil, from the place on. Default 1; for `crlf` all.'),
    })
    .refine(onePlace, ONE_PLACE),
  example: { inside: 'tool_use', how: 'broken-json' },
  plan: (params) => {
    const place = readPlace(params);
    const count = params.count ?? (params.how === 'crlf' ? Number.POSITIVE_INFINITY : 1);
    const open = (): StreamFilter =>
      params.how === 'reorder'
        ? new ReorderFilter(new PlaceWatch(place), count)
        : new GarbleFilter(new PlaceWatch(place), params.how, GARBLINGS[params.how], count);
    const effects: Effect[] = [{ do: 'filter', open }];
    return () => effects;
  },
});

/** What spoils so many events from a place on. */
abstract class SpoilingFilter implements StreamFilter {
  protected readonly watch: PlaceWatch;
  protected left: number;
  protected applied = false;

  constructor(watch: PlaceWatch, count: number) {
    this.watch = watch;
    this.left = count;
  }

  spare(now: number, bytes: number): number {
    return this.left === 0 ? Number.POSITIVE_INFINITY : this.watch.spare(now, bytes);
  }

  passedOver(deltas: number, bytes: number): void {
    if (this.left > 0) this.watch.passedOver(deltas, bytes);
  }

  skipped(): string | undefined {
    if (this.applied) return undefined;
    return this.watch.found ? this.missing() : this.watch.missed();
  }

  abstract onEvent(event: SseEvent, now: number): readonly StreamOp[];
  abstract onEnd(rest: Uint8Array): readonly StreamOp[];
  /** Why nothing was done behind the place. */
  protected abstract missing(): string;
}

class GarbleFilter extends SpoilingFilter {
  readonly #how: string;
  readonly #garble: Garbling;

  constructor(watch: PlaceWatch, how: string, garble: Garbling, count: number) {
    super(watch, count);
    this.#how = how;
    this.#garble = garble;
  }

  onEvent(event: SseEvent, now: number): readonly StreamOp[] {
    if (this.left === 0 || !this.watch.reached(event, now)) return pass(event);
    const ops = this.#garble(event);
    if (ops === undefined) return pass(event);
    this.left--;
    if (this.applied) return ops;
    this.applied = true;
    return [{ op: 'applied', note: `${this.#how} (${event.name ?? 'no name'})` }, ...ops];
  }

  onEnd(rest: Uint8Array): readonly StreamOp[] {
    return passRest(rest);
  }

  protected missing(): string {
    return `no event behind the place for ${this.#how}`;
  }
}

/** Swaps an event with the next; pings keep going through meanwhile. */
class ReorderFilter extends SpoilingFilter {
  #held: SseEvent | undefined;

  onEvent(event: SseEvent, now: number): readonly StreamOp[] {
    if (this.left === 0 || !this.watch.reached(event, now)) return pass(event);
    const held = this.#held;
    if (held === undefined) {
      this.#held = event;
      return [];
    }
    this.#held = undefined;
    this.left--;
    const note = `reorder (${held.name ?? 'no name'} behind ${event.name ?? 'no name'})`;
    const applied: readonly StreamOp[] = this.applied ? [] : [{ op: 'applied', note }];
    this.applied = true;
    return [...applied, ...pass(event), ...pass(held)];
  }

  onEnd(rest: Uint8Array): readonly StreamOp[] {
    const held = this.#held === undefined ? [] : pass(this.#held);
    this.#held = undefined;
    return [...held, ...passRest(rest)];
  }

  protected missing(): string {
    return 'no event follows that could come first';
  }
}
