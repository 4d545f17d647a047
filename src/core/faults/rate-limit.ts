/** `rate-limit`: the rate limits of the API, simulated: token buckets that calls really empty. */
import type { RequestFacts } from '../facts.ts';
import { murmur3 } from '../murmur3.ts';
import { estimateInputTokens } from '../rate-limit/input-estimate.ts';
import { type Account, type Charge, type Expected, Limiter, type Refusal } from '../rate-limit/limiter.ts';
import { defineStatefulFault, type FaultEnv } from './fault.ts';
import { LimitAnswers } from './rate-limit-answer.ts';
import { type RateLimitParams, rateLimitParams } from './rate-limit-params.ts';

/** Characters; no model's name is so long. */
const LONGEST_NAME = 100;

interface State {
  readonly params: RateLimitParams;
  readonly limiter: Limiter;
  readonly answers: LimitAnswers;
}

export const rateLimit = defineStatefulFault({
  kind: 'rate-limit',
  phase: 'exchange',
  changes: 'answer',
  summary: 'Keep the rate limits of the API: token buckets, 429 when one is empty, and the headers.',
  details:
    'Messages take from buckets that refill all the time: one for requests, one for input and one for output tokens, for ' +
    'each key and model. Input is estimated when a call comes and corrected by the `usage` of its answer, also of a ' +
    'stream; tokens read from the prompt cache do not count. A call that does not fit gets 429 with the ' +
    '`retry-after` after which it does; every other answer gets the `anthropic-ratelimit-*` headers. The same seed does ' +
    'not promise the same decisions, since they depend on time and on what answers used. More in ' +
    '[rate-limits.md](rate-limits.md).',
  params: rateLimitParams,
  example: { requests_per_minute: 50, input_tokens_per_minute: 30_000, output_tokens_per_minute: 8_000 },
  readsBody: () => true,
  readsUsage: true,
  init: (params: RateLimitParams, env: FaultEnv): State => ({
    params,
    limiter: new Limiter({
      limits: {
        requests: params.requests_per_minute,
        inputTokens: params.input_tokens_per_minute,
        outputTokens: params.output_tokens_per_minute,
      },
      burst: params.burst,
      countCacheReads: params.count_cache_reads,
      earlyPenalty: params.early_retry_penalty,
      acceleration: params.acceleration,
      overdrawn: params.overdrawn,
    }),
    answers: new LimitAnswers(params.message, env),
  }),
  step: ({ params, limiter, answers }: State, context) => {
    const { facts, now, recorded } = context;
    if (!isMessage(facts)) {
      return { effects: [], ticket: undefined, why: () => 'only POST /v1/messages is limited' };
    }
    const expected = expectedOf(facts, params);
    const { account, refusal } = limiter.judge(keyOf(facts, params), expected, now, recorded);
    if (refusal) {
      const seconds = answers.seconds(refusal);
      return {
        effects: [answers.refused(account, refusal, context)],
        ticket: undefined,
        why: () => refusalText(refusal, account, seconds),
      };
    }
    const ticket: Charge = { account, ...expected };
    const left = leftText(account, now);
    return { effects: [answers.passed(account, context)], ticket, why: () => left() };
  },
  settle: ({ limiter }: State, ticket: Charge | undefined, { usage, status }, { now }) => {
    if (ticket) limiter.settle(ticket, usage, status === 0 || status >= 400, now);
  },
  show: ({ limiter }: State) => limiter.show(),
});

/** The API counts other endpoints apart (D:api/rate-limits). */
function isMessage({ method, path }: RequestFacts): boolean {
  return method === 'POST' && path === '/v1/messages';
}

function keyOf({ client, body }: RequestFacts, { per_key, per_model }: RateLimitParams): string {
  return `${per_key ? client : '*'} ${per_model ? nameOf(body.model ?? '') : '*'}`;
}

/** A model may be called anything: what is remembered of it stays short, and two never become one. */
function nameOf(model: string): string {
  if (model.length <= LONGEST_NAME) return model;
  const bytes = new TextEncoder().encode(model);
  return `${model.slice(0, LONGEST_NAME)} ${murmur3(bytes, 0)} ${murmur3(bytes, 1)}`;
}

function expectedOf({ body }: RequestFacts, params: RateLimitParams): Expected {
  return {
    input:
      params.input_tokens_per_minute === undefined
        ? 0
        : estimateInputTokens(body.json, params.chars_per_token),
    output: params.reserve_output ? Math.max(0, Math.floor(body.maxTokens ?? 0)) : 0,
  };
}

const UNITS = {
  inputTokens: 'input tokens',
  outputTokens: 'output tokens',
  requests: 'requests',
} as const;

function refusalText({ by, left, needed }: Refusal, account: Account, seconds: number): string {
  const when = `retry-after ${seconds}`;
  if (by === 'early') return `it comes before the time that the last 429 told (${when})`;
  if (by === 'acceleration') return `usage grew too fast, and this window is used up (${when})`;
  const size = number(account.buckets[by]?.limit ?? 0);
  const holds = left < 0 ? `is ${number(-left)} in debt` : `holds ${number(left)}`;
  const short = needed > left ? `${number(Math.ceil(needed - left))} too few` : 'refused as recorded';
  return `it needs ${amountOf(needed, by)}, and the bucket of ${size} ${holds} (${short}, ${when})`;
}

/** What is left now, in words later. */
function leftText({ buckets }: Account, now: number): () => string {
  const levels = Object.entries(buckets).map(
    ([name, bucket]) => [UNITS[name as keyof typeof UNITS], bucket.level(now), bucket.limit] as const,
  );
  return () =>
    levels.length === 0
      ? 'it fits'
      : `it leaves ${levels.map(([unit, left, limit]) => `${number(left)} of ${number(limit)} ${unit}`).join(', ')}`;
}

function amountOf(count: number, by: keyof typeof UNITS): string {
  return count === 1 ? `1 ${UNITS[by].slice(0, -1)}` : `${number(count)} ${UNITS[by]}`;
}

function number(value: number): string {
  return Math.floor(value + 1e-6).toLocaleString('en-US');
}
