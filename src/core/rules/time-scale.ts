/**
 * `time_scale`: what is written as 10 s takes 1 s at 0.1. Triggers, cooldowns and memories see a clock that runs as
 * much faster (`rule-set.ts`, `act.ts`); what a fault plans in that time is brought back to real time here, once, so
 * that effects, and the events that tell them, hold the milliseconds that really pass.
 */
import type { Effect, FilterEffect, StreamFilter, StreamOp } from '../effect.ts';
import type { SseEvent } from '../sse/event.ts';

/** Timers hold 31 bits of milliseconds; beyond that they fire at once. */
const LONGEST_MS = 2 ** 31 - 1;

/**
 * The effects in real time. Bandwidths grow as waits shrink, so that a body takes its share of the time as well.
 *
 * @param scale real milliseconds for each written one, above 0
 */
export function scaleEffects(effects: readonly Effect[], scale: number): readonly Effect[] {
  return scale === 1 ? effects : effects.map((effect) => scaleEffect(effect, scale));
}

function scaleEffect(effect: Effect, scale: number): Effect {
  switch (effect.do) {
    case 'delay':
      return { ...effect, ms: realMs(effect.ms, scale) };
    case 'end':
      return effect.afterMs === undefined ? effect : { ...effect, afterMs: realMs(effect.afterMs, scale) };
    case 'throttle': {
      const { firstByteMs } = effect;
      const first = firstByteMs === undefined ? {} : { firstByteMs: realMs(firstByteMs, scale) };
      return { ...effect, bytesPerSecond: Math.max(1, effect.bytesPerSecond / scale), ...first };
    }
    case 'filter':
      return scaleFilter(effect, scale);
    default:
      // The very object: the engine keeps the bytes of an answer that it has seen before.
      return effect;
  }
}

function scaleFilter(effect: FilterEffect, scale: number): FilterEffect {
  return { ...effect, open: (answer) => new ScaledFilter(effect.open(answer), scale) };
}

/** A filter that lives in written time. */
class ScaledFilter implements StreamFilter {
  readonly #inner: StreamFilter;
  readonly #scale: number;
  spare?: (now: number, bytes: number) => number;
  passedOver?: (deltas: number, bytes: number) => void;
  due?: () => number | undefined;
  onTime?: (now: number) => readonly StreamOp[];

  constructor(inner: StreamFilter, scale: number) {
    this.#inner = inner;
    this.#scale = scale;
    if (inner.due) this.due = () => this.#due();
    if (inner.spare) this.spare = (now, bytes) => inner.spare!(now / scale, bytes);
    if (inner.passedOver) this.passedOver = (deltas, bytes) => inner.passedOver!(deltas, bytes);
    if (inner.onTime) this.onTime = (now) => this.#real(inner.onTime!(now / scale));
  }

  onEvent(event: SseEvent, now: number): readonly StreamOp[] {
    return this.#real(this.#inner.onEvent(event, now / this.#scale));
  }

  onEnd(rest: Uint8Array, now: number): readonly StreamOp[] {
    return this.#real(this.#inner.onEnd(rest, now / this.#scale));
  }

  skipped(): string | undefined {
    const reason = this.#inner.skipped();
    return reason === undefined ? undefined : this.#text(reason);
  }

  #due(): number | undefined {
    const due = this.#inner.due!();
    return due === undefined ? undefined : due * this.#scale;
  }

  #real(ops: readonly StreamOp[]): readonly StreamOp[] {
    if (!ops.some((op) => op.op === 'wait' || op.op === 'applied' || (op.op === 'emit' && op.acts)))
      return ops;
    return ops.map((op) => {
      if (op.op === 'emit')
        return op.acts ? { ...op, acts: op.acts.map((act) => ({ ...act, ops: this.#real(act.ops) })) } : op;
      if (op.op === 'wait') return { op: 'wait', ms: realMs(op.ms, this.#scale) };
      return op.op === 'applied' ? { op: 'applied', note: this.#text(op.note) } : op;
    });
  }

  /** Notes and reasons write every duration as `N ms`. */
  #text(note: string): string {
    return note.replace(/\d+(?:\.\d+)?(?= ms\b)/g, (ms) => shortMs(Number(ms) * this.#scale));
  }
}

function realMs(ms: number, scale: number): number {
  return Math.min(ms * scale, LONGEST_MS);
}

/** As many digits as mean something: `3500`, `3.5`, `0.035`. */
function shortMs(ms: number): string {
  return String(Number(ms.toPrecision(4)));
}
