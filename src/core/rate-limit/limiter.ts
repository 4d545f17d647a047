/**
 * The rate limits of many callers: who may call now, what it costs, and what is left. Callers share nothing; one that
 * was longest not seen is forgotten, and starts with full buckets.
 */
import type { Buckets } from '../anthropic/headers.ts';
import { LruMap } from '../lru-map.ts';
import type { Usage } from '../rules/decision.ts';
import { Acceleration, type AccelerationParams } from './acceleration.ts';
import { TokenBucket } from './token-bucket.ts';

/** Callers remembered. */
const REMEMBERED = 10_000;
/** The furthest that early calls can push back the next good one, milliseconds. */
const LONGEST_PENALTY_MS = 600_000;
/** What a refusal that a recording asks for tells at least: a recording does not hold it. */
const RECORDED_WAIT_MS = 1_000;
/** Parts of a millisecond that arithmetic may lose. */
const DUST_MS = 1e-3;

export interface LimiterParams {
  /** Per minute; undefined: no such limit. */
  readonly limits: Readonly<Record<keyof Buckets, number | undefined>>;
  /** Milliseconds in which an empty bucket refills whole. */
  readonly burst: number;
  readonly countCacheReads: boolean;
  /** Milliseconds that a call which comes before its time adds to the wait; undefined: none. */
  readonly earlyPenalty: number | undefined;
  readonly acceleration: AccelerationParams | undefined;
  /** Milliseconds of refill that the input tokens of each caller lack at first; none by default. */
  readonly overdrawn?: number | undefined;
}

/** What a call is expected to use; `output` is known beforehand only where it is reserved. */
export interface Expected {
  readonly input: number;
  readonly output: number;
}

/** What a call that was let in has taken so far, to be set right when it has ended. */
export interface Charge extends Expected {
  readonly account: Account;
}

/** Which limit turned a call down. */
export type ReachedBy = keyof Buckets | 'acceleration' | 'early';

export interface Refusal {
  readonly by: ReachedBy;
  /** Milliseconds until a call may succeed. */
  readonly wait: number;
  /** What is there, of the limit, and what the call needs; for `early`, of the limit that was reached before. */
  readonly left: number;
  readonly needed: number;
}

export interface Verdict {
  readonly account: Account;
  readonly refusal: Refusal | undefined;
}

const NAMES = ['inputTokens', 'outputTokens', 'requests'] as const satisfies readonly (keyof Buckets)[];

/** One caller's limits. */
export class Account {
  readonly buckets: Partial<Record<keyof Buckets, TokenBucket>> = {};
  readonly acceleration: Acceleration | undefined;
  /** A call before it is early, where early calls are punished. */
  until = Number.NEGATIVE_INFINITY;
  lastRefusal: Refusal | undefined;
  seenAt: number;

  constructor({ limits, burst, acceleration, overdrawn }: LimiterParams, now: number) {
    for (const name of NAMES) {
      const limit = limits[name];
      if (limit !== undefined) this.buckets[name] = new TokenBucket(limit, burst, now);
    }
    const input = this.buckets.inputTokens;
    if (input && overdrawn !== undefined)
      input.take(input.capacity + (input.limit / 60_000) * overdrawn, now);
    this.acceleration = acceleration && new Acceleration(acceleration, now);
    this.seenAt = now;
  }

  /** The limit that a call has to wait for longest; undefined when it fits in all. */
  shortest(expected: Expected, now: number): Refusal | undefined {
    // Without a reservation, output only has to be out of debt: it is counted when it was made.
    const needed = { inputTokens: expected.input, outputTokens: expected.output, requests: 1 };
    let worst: Refusal | undefined;
    const consider = (refusal: Refusal): void => {
      if (refusal.wait > (worst?.wait ?? 0)) worst = refusal;
    };
    for (const name of NAMES) {
      const bucket = this.buckets[name];
      if (!bucket) continue;
      const need = Math.max(1, needed[name]);
      consider({ by: name, wait: bucket.wait(need, now), left: bucket.level(now), needed: need });
    }
    const ramp = this.acceleration;
    if (ramp) {
      const left = ramp.allowed(now) - ramp.taken(now);
      consider({ by: 'acceleration', wait: ramp.wait(now), left, needed: 1 });
    }
    return worst;
  }
}

export class Limiter {
  readonly params: LimiterParams;
  readonly #accounts = new LruMap<string, Account>(REMEMBERED);

  constructor(params: LimiterParams) {
    this.params = params;
  }

  /** Callers, and what they had when they were last seen: plain data. */
  show(): Record<string, Record<string, number>> {
    return Object.fromEntries(
      [...this.#accounts.entries()].map(([key, { buckets, seenAt }]) => [
        key,
        Object.fromEntries(Object.entries(buckets).map(([name, bucket]) => [name, bucket.level(seenAt)])),
      ]),
    );
  }

  /**
   * Judges a call, and charges it if it is let in.
   *
   * @param key whose call it is
   * @param recorded what was decided when it was recorded: that is repeated, whatever the buckets say
   */
  judge(key: string, expected: Expected, now: number, recorded?: boolean): Verdict {
    const account = this.#accountOf(key, now);
    const refusal = this.#refusalOf(account, expected, now);
    if (recorded ?? refusal !== undefined) {
      return { account, refusal: refusal ?? asRecorded(account, expected, now) };
    }
    account.buckets.requests?.take(1, now);
    account.buckets.inputTokens?.take(expected.input, now);
    account.buckets.outputTokens?.take(expected.output, now);
    account.acceleration?.take(now);
    return { account, refusal: undefined };
  }

  /**
   * Sets a charge right.
   *
   * @param usage what was used; undefined where nobody knows
   * @param failed the call failed and used nothing
   */
  settle({ account, input, output }: Charge, usage: Usage | undefined, failed: boolean, now: number): void {
    if (usage === undefined && !failed) return;
    const { inputTokens = 0, outputTokens = 0, cacheCreationTokens = 0, cacheReadTokens = 0 } = usage ?? {};
    // Cached reads do not count towards the limit on current models (D:api/rate-limits, cache-aware ITPM).
    const counted = inputTokens + cacheCreationTokens + (this.params.countCacheReads ? cacheReadTokens : 0);
    account.buckets.inputTokens?.take(counted - input, now);
    account.buckets.outputTokens?.take(outputTokens - output, now);
    account.seenAt = now;
  }

  #accountOf(key: string, now: number): Account {
    let account = this.#accounts.get(key);
    if (account === undefined) {
      account = new Account(this.params, now);
      this.#accounts.set(key, account);
    }
    account.seenAt = now;
    return account;
  }

  #refusalOf(account: Account, expected: Expected, now: number): Refusal | undefined {
    const short = account.shortest(expected, now);
    const { earlyPenalty, burst } = this.params;
    // More than a whole bucket never fits: tell the time that a whole one takes.
    const refusal = short && { ...short, wait: Number.isFinite(short.wait) ? short.wait : burst };
    if (earlyPenalty === undefined) return refusal;
    const early = now < account.until - DUST_MS;
    if (!refusal && !early) return undefined;
    const { lastRefusal } = account;
    const base = refusal ?? { ...lastRefusal!, wait: 0 };
    if (!early) {
      account.until = now + base.wait;
      account.lastRefusal = base;
      return base;
    }
    account.until = Math.min(
      Math.max(account.until, now + base.wait) + earlyPenalty,
      now + Math.max(base.wait, LONGEST_PENALTY_MS),
    );
    return { ...base, by: refusal?.by ?? 'early', wait: account.until - now };
  }
}

/** A refusal of a recording that the buckets of now do not call for: told of the one that is nearest to empty. */
function asRecorded({ buckets }: Account, { input, output }: Expected, now: number): Refusal {
  const [by] = NAMES.filter((name) => buckets[name]).sort((a, b) => share(buckets[a]) - share(buckets[b]));
  const needed = { inputTokens: input, outputTokens: output, requests: 1 };
  return by === undefined
    ? { by: 'acceleration', wait: RECORDED_WAIT_MS, left: 0, needed: 1 }
    : { by, wait: RECORDED_WAIT_MS, left: buckets[by]!.level(now), needed: Math.max(1, needed[by]) };

  function share(bucket: TokenBucket | undefined): number {
    return bucket === undefined ? 1 : bucket.level(now) / bucket.capacity;
  }
}
