/** The 429 family. One status and one type, seven meanings: clients must tell them apart. */
import { type ApiError, apiError } from './api-error.ts';

const limited = { status: 429, type: 'rate_limit_error' } as const;

const DOCS_AND_ADVICE =
  'For details, refer to: https://docs.claude.com/en/api/rate-limits. You can see the response headers for current usage. ' +
  'Please reduce the prompt length or the maximum tokens requested, or try again later. You may also contact sales at ' +
  'https://claude.com/contact-sales to discuss your options for a rate limit increase.';

const bucket = (unit: string): string =>
  `This request would exceed your organization's rate limit of {limit} ${unit} per minute (org: {org}, model: {model}). ${DOCS_AND_ADVICE}`;

/** The family, the default of the status first. */
export const limitErrors: readonly ApiError[] = [
  apiError({
    ...limited,
    name: 'rate-limit',
    summary: 'The bucket of input tokens is empty',
    messages: [
      bucket('input tokens'),
      'This request would exceed the rate limit for your organization ({org}) of {limit} input tokens per minute.',
    ],
    client: 'wait as long as retry-after says',
    retryAfter: true,
    limits: 'input-tokens',
    source: 'I#55132, continue#12057, OpenHands#9259; headers whoz-oss/coday#110',
    grade: 'reported',
    unverified: ['end of the 2025 wording'],
  }),
  apiError({
    ...limited,
    name: 'rate-limit-output',
    summary: 'The bucket of output tokens is empty',
    messages: [bucket('output tokens')],
    client: 'wait as long as retry-after says',
    retryAfter: true,
    limits: 'output-tokens',
    source: 'by analogy with the input tokens',
    grade: 'unverified',
    unverified: ['wording'],
  }),
  apiError({
    ...limited,
    name: 'rate-limit-requests',
    summary: 'The bucket of requests is empty',
    messages: [bucket('requests')],
    client: 'wait as long as retry-after says',
    retryAfter: true,
    limits: 'requests',
    source: 'by analogy with the input tokens',
    grade: 'unverified',
    unverified: ['wording'],
  }),
  apiError({
    ...limited,
    name: 'acceleration-limit',
    summary: 'Usage grew too fast',
    errorCode: 'ramp_limit_exceeded',
    client: 'wait as long as retry-after says, then grow more slowly',
    retryAfter: true,
    source: 'D:api/rate-limits; TS1 core/error-classes.ts',
    unverified: ['wording', 'ratelimit headers'],
  }),
  apiError({
    ...limited,
    name: 'spend-cap',
    summary: "The organization reached its tier's monthly spend cap",
    messages: [
      "You have reached your API usage limits: your organization has crossed its monthly API usage threshold, set based on your organization's API tier. You will regain access on {next_month} at 00:00 UTC.",
    ],
    errorCode: 'enforced_spend_limit_reached',
    retryable: false,
    client: 'never retry: it lasts until the first of the month',
    source: 'D:api/rate-limits',
    unverified: ['ratelimit headers'],
  }),
  apiError({
    ...limited,
    name: 'contract-spend',
    summary: 'The organization reached the spend limit of its contract',
    errorCode: 'contract_spend_limit_reached',
    retryable: false,
    client: 'never retry',
    source: 'TS1 core/error-classes.ts',
    grade: 'source',
    unverified: ['wording', 'retry-after', 'ratelimit headers'],
  }),
  apiError({
    ...limited,
    name: 'subscription-quota',
    summary: "A subscription's five-hour quota is used up",
    messages: ["This request would exceed your account's rate limit. Please try again later."],
    client: 'wait until anthropic-ratelimit-unified-reset',
    limits: 'unified',
    source: 'I#55132, third-party capture',
    grade: 'reported',
    unverified: ['retry-after'],
  }),
  apiError({
    ...limited,
    name: 'server-throttle',
    summary: "The service protects itself: not the account's limit, and no hint when to come back",
    messages: ['Rate limited'],
    client: 'back off for a short while',
    source: 'I#71279, I#71503',
    grade: 'reported',
    unverified: ['organization and workspace ids'],
  }),
  apiError({
    ...limited,
    name: 'opaque-refusal',
    summary: 'A refusal dressed as a limit: asks for a retry that never helps',
    messages: ['Error'],
    retryable: false,
    client: 'give up after a few tries',
    source: 'third-party capture',
    grade: 'reported',
  }),
];
