/**
 * What a rate limit must decide, told another way than in `src/core/rate-limit`: whole numbers only, in units of which
 * a token has 60,000, so that one millisecond refills exactly `limit` of them. Nothing is rounded before the end.
 */

export interface ModelLimits {
  readonly requests?: number;
  readonly input?: number;
  readonly output?: number;
  /** Milliseconds in which an empty bucket refills; a minute by default. */
  readonly burst?: number;
}

export interface ModelCall {
  readonly key: string;
  readonly model: string;
  /** Milliseconds. */
  readonly at: number;
  readonly input: number;
  /** Reserved beforehand. */
  readonly output?: number;
}

export interface ModelUsage {
  readonly input: number;
  readonly output: number;
}

export type ModelVerdict =
  | { readonly passes: true; readonly settle: (usage: ModelUsage | undefined, at: number) => void }
  /** `retryAfter`: whole seconds; Infinity when it never fits. */
  | { readonly passes: false; readonly retryAfter: number };

const UNIT = 60_000n;

class Pot {
  readonly limit: bigint;
  readonly full: bigint;
  units: bigint;
  time = 0n;

  constructor(limit: number, burst: number) {
    this.limit = BigInt(limit);
    const units = this.limit * BigInt(burst);
    // A bucket holds a token at least.
    this.full = units > UNIT ? units : UNIT;
    this.units = this.full;
  }

  /** A millisecond is worth `limit` units. */
  to(at: number): this {
    const now = BigInt(at);
    if (now > this.time) {
      this.units += (now - this.time) * this.limit;
      this.time = now;
    }
    if (this.units > this.full) this.units = this.full;
    return this;
  }

  remove(tokens: number): void {
    this.units -= BigInt(tokens) * UNIT;
    if (this.units > this.full) this.units = this.full;
  }

  secondsUntil(tokens: number): number {
    const missing = BigInt(tokens) * UNIT - this.units;
    if (missing <= 0n) return 0;
    if (BigInt(tokens) * UNIT > this.full) return Number.POSITIVE_INFINITY;
    const perSecond = this.limit * 1_000n;
    return Number((missing + perSecond - 1n) / perSecond);
  }
}

export class RateLimitModel {
  readonly #limits: ModelLimits;
  readonly #pots = new Map<string, { requests?: Pot; input?: Pot; output?: Pot }>();

  constructor(limits: ModelLimits) {
    this.#limits = limits;
  }

  call({ key, model, at, input, output = 0 }: ModelCall): ModelVerdict {
    const { requests, input: inputs, output: outputs } = this.#of(`${key}|${model}`);
    const waits = [
      requests?.to(at).secondsUntil(1) ?? 0,
      inputs?.to(at).secondsUntil(Math.max(1, input)) ?? 0,
      outputs?.to(at).secondsUntil(Math.max(1, output)) ?? 0,
    ];
    const retryAfter = Math.max(...waits);
    if (retryAfter > 0) return { passes: false, retryAfter };
    requests?.remove(1);
    inputs?.remove(input);
    outputs?.remove(output);
    return {
      passes: true,
      settle: (usage, later) => {
        if (!usage) return;
        inputs?.to(later).remove(usage.input - input);
        outputs?.to(later).remove(usage.output - output);
      },
    };
  }

  /** Whole tokens left of one limit. */
  left(key: string, model: string, which: 'requests' | 'input' | 'output', at: number): number {
    const units = this.#of(`${key}|${model}`)[which]?.to(at).units ?? 0n;
    return units < 0n ? 0 : Number(units / UNIT);
  }

  #of(name: string) {
    let pots = this.#pots.get(name);
    if (!pots) {
      const { requests, input, output, burst = 60_000 } = this.#limits;
      pots = {
        ...(requests === undefined ? {} : { requests: new Pot(requests, burst) }),
        ...(input === undefined ? {} : { input: new Pot(input, burst) }),
        ...(output === undefined ? {} : { output: new Pot(output, burst) }),
      };
      this.#pots.set(name, pots);
    }
    return pots;
  }
}
