/** What the client is told of its limits: headers on every answer, and the 429 of a call that was turned down. */
import { type Bucket, type Buckets, rateLimitHeaders } from '../anthropic/headers.ts';
import type { HeadEffect, RespondEffect } from '../effect.ts';
import type { Account, ReachedBy, Refusal } from '../rate-limit/limiter.ts';
import { describeAnswer, type ErrorAnswer, renderError } from './error-answer.ts';
import type { FaultEnv, PlanContext } from './fault.ts';

/** The error of the catalogue that each limit answers with. */
const ERRORS = {
  inputTokens: 'rate-limit',
  outputTokens: 'rate-limit-output',
  requests: 'rate-limit-requests',
  acceleration: 'acceleration-limit',
} as const;

export class LimitAnswers {
  readonly #answers: Readonly<Record<keyof typeof ERRORS, ErrorAnswer>>;
  readonly #scale: number;

  constructor(message: string, env: FaultEnv) {
    const answer = (name: string): ErrorAnswer => describeAnswer({ name, message }, env);
    this.#answers = {
      inputTokens: answer(ERRORS.inputTokens),
      outputTokens: answer(ERRORS.outputTokens),
      requests: answer(ERRORS.requests),
      acceleration: answer(ERRORS.acceleration),
    };
    this.#scale = env.timeScale ?? 1;
  }

  /** The headers of a call that is let in: they replace those of an upstream that has limits of its own. */
  passed(account: Account, { now, wall }: PlanContext<'exchange'>): HeadEffect {
    return { do: 'head', set: rateLimitHeaders(this.#buckets(account, now, wall), wall), informs: true };
  }

  refused(account: Account, refusal: Refusal, { facts, now, wall }: PlanContext<'exchange'>): RespondEffect {
    const by = errorOf(account, refusal.by);
    const answer = this.#answers[by];
    const headers = rateLimitHeaders(this.#buckets(account, now, wall), wall);
    const limit = by === 'acceleration' ? 0 : (account.buckets[by]?.limit ?? 0);
    const told: ErrorAnswer = {
      ...answer,
      retryAfter: { as: 'seconds', seconds: this.seconds(refusal) },
      reached: { limit, headers },
    };
    return renderError(told, wall, facts.body.model);
  }

  /** `retry-after` of a refusal: real seconds, rounded up, so that whoever obeys never comes too early. */
  seconds({ wait }: Refusal): number {
    // What is whole but for an error of arithmetic stays whole.
    return Math.max(1, Math.ceil(Number(((wait * this.#scale) / 1000).toPrecision(12))));
  }

  #buckets(account: Account, now: number, wall: number): Partial<Buckets> {
    const told: Partial<Record<keyof Buckets, Bucket>> = {};
    for (const name of ['inputTokens', 'outputTokens', 'requests'] as const) {
      const bucket = account.buckets[name];
      if (!bucket) continue;
      const untilFull = bucket.untilFull(now) * this.#scale;
      told[name] = {
        limit: bucket.limit,
        remaining: Math.max(0, Math.floor(bucket.level(now) + 1e-6)),
        // To the second, and never before it is full.
        fullAt: untilFull === 0 ? wall : Math.ceil((wall + untilFull) / 1000) * 1000,
      };
    }
    return told;
  }
}

/** A call that is only too early is told of the limit that was reached before. */
function errorOf(account: Account, by: ReachedBy): keyof typeof ERRORS {
  if (by !== 'early') return by;
  const before = account.lastRefusal?.by;
  return before === undefined || before === 'early' ? 'requests' : before;
}
