/** Errors 500 to 529 that the API itself writes. What stands in front of it is in `edge.ts`. */
import { type ApiError, apiError } from './api-error.ts';

/** 500 to 529, the default of each status first. */
export const serverErrors: readonly ApiError[] = [
  apiError({
    name: 'server-error',
    status: 500,
    type: 'api_error',
    summary: 'Something broke inside the API',
    messages: ['Internal server error'],
    source: 'I#20182',
    grade: 'reported',
    unverified: ['x-should-retry (expected true)', 'whether rate-limit headers come along'],
  }),
  apiError({
    name: 'overloaded-500',
    status: 500,
    type: 'api_error',
    summary: 'Overloaded, told as a plain 500',
    messages: ['Overloaded'],
    source: 'third-party capture',
    grade: 'reported',
    unverified: ['x-should-retry (expected true)'],
  }),
  apiError({
    name: 'timeout-error',
    status: 504,
    type: 'timeout_error',
    summary: 'The API took too long by its own measure',
    client: 'retry with backoff; stream long answers',
    unverified: ['wording', 'x-should-retry'],
  }),
  apiError({
    name: 'overloaded',
    status: 529,
    type: 'overloaded_error',
    summary: 'The API has more requests than it can serve',
    messages: ['Overloaded'],
    source: 'I#2919; x-should-retry snipeship/ccflare#54',
    grade: 'reported',
    unverified: ['whether rate-limit headers come along'],
  }),
  apiError({
    name: 'overloaded-link',
    status: 529,
    type: 'overloaded_error',
    summary: 'Overloaded, with the link that the wording has since about March 2026',
    messages: ['Overloaded. https://docs.claude.com/en/api/errors'],
    source: 'I#39745',
    grade: 'reported',
    unverified: ['white space around the link'],
  }),
];
